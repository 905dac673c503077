import type { Observation } from '../cluster/move.ts';

const pad = (ms: number): string => `${String(Math.round(ms))} ms`.padStart(9);

/** One move, as a person reads it: what happened when, and what the clients noticed. */
export const timeline = ({ move, record, laps, after }: Observation): string => {
  const { timings = {}, phaseTransitions = [], imageBytes = 0 } = record.status ?? {};
  const took = (name: string): string => pad(timings[name] ?? 0);
  const begun = Date.parse(record.metadata.creationTimestamp);
  const phases = phaseTransitions.map(
    ({ phase, time }) => `    +${String((Date.parse(time) - begun) / 1000).padStart(3)} s  ${phase}`,
  );
  const megabytes = (imageBytes / 1e6).toFixed(1);
  return [
    `  ${move.from} (${move.fromRuntime}) ──▶ ${move.to} (${move.toRuntime})   pod ${record.spec.podName} ──▶ ${after.metadata.name}`,
    '    the drain became a Migration; its record says:',
    ...phases,
    `    the freeze, by the clock of ${move.from}:`,
    `    ${took('dumpMs')}  CRIU writes the image, while packets begin to wait on ${move.to}`,
    `    ${took('transferMs')}  ${megabytes} MB go to ${move.to}`,
    `    ${took('restoreMs')}  CRIU restores them there; nothing of the program runs yet`,
    `    ${took('commitMs')}  one compare-and-swap decides: ${move.to} has the pod`,
    `    ${took('releaseMs')}  it runs, and gets what waited`,
    `    ${pad(move.freezeMs)}  frozen in all`,
    `    the client at the pod's address: ${String(laps.pod.answers)} answers, longest gap ${String(laps.pod.longestGapMs)} ms`,
    `    the client through the Service:  ${String(laps.service.answers)} answers, longest gap ${String(laps.service.longestGapMs)} ms`,
  ].join('\n');
};

/** What the demo promises of each move. A sentence for each promise that was not kept. */
export const brokenPromises = ({ move }: Observation, limitMs: number): readonly string[] => {
  const route = `${move.from} → ${move.to}`;
  const promises: readonly (readonly [boolean, string])[] = [
    [move.connectionSurvived, `${route}: a connection broke`],
    [move.counterContinuous, `${route}: a counter skipped or repeated a number`],
    [move.sameIP, `${route}: the pod has another IP`],
    [move.sameHostname, `${route}: the pod has another hostname`],
    [!move.podRestarted, `${route}: the program was started anew`],
    [
      move.blackoutMs <= limitMs,
      `${route}: a client waited ${String(move.blackoutMs)} ms, more than ${String(limitMs)} ms`,
    ],
  ];
  return promises.filter(([kept]) => !kept).map(([, sentence]) => sentence);
};
