import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiVersion } from '../../src/api/group.ts';
import { mayFollow, type Phase, phases } from '../../src/api/phase.ts';
import { enteredBy, type Writer } from '../../src/api/phase-writer.ts';
import {
  administrator,
  agentOf,
  type Answer,
  type Api,
  type Identity,
  openApi,
  theController,
  untilRefused,
} from '../cluster/api-as.ts';
import { startControllers, stopControllers } from '../cluster/controllers.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { freshNamespace } from '../cluster/namespaces.ts';

/*
 * On the real API server, with nobody else at the records: the controllers are
 * stopped, and the moves are between nodes that do not exist, so that no agent
 * takes them for its own.
 */

const namespace = 'e2e-rights';
const source = { nodeName: 'east', podUID: '00000000-0000-4000-8000-000000000001' };
const target = { nodeName: 'west', podName: 'pod-m1', podUID: '00000000-0000-4000-8000-000000000002' };

const writers: Readonly<Record<Writer, Identity>> = {
  controller: theController,
  sourceAgent: agentOf('east'),
  targetAgent: agentOf('west'),
};

const strangers: readonly (readonly [string, Identity])[] = [
  ['the administrator', administrator],
  ['the agent of a third node', agentOf('north')],
  ["somebody with the agents' account and no node", agentOf()],
];

const migrationsPath = `/apis/${apiVersion}/namespaces/${namespace}/migrations`;
const nameIn = (phase: Phase): string => `is-${phase.toLowerCase()}`;
const tried = '?dryRun=All';

let api: Api;

const patchStatus = (by: Identity, name: string, status: object, query = ''): Promise<Answer> =>
  api.patch(by, `${migrationsPath}/${name}/status${query}`, { status });

const way = ['Inspecting', 'Preparing', 'Arrived', 'Moving'] as const;

const wayTo = (phase: Phase): readonly Phase[] => {
  if (phase === 'Pending') return [];
  const index = way.findIndex((step) => step === phase);
  if (index >= 0) return way.slice(0, index + 1);
  return mayFollow('Moving', phase) ? [...way, phase] : [...wayTo('Committed'), phase];
};

/** What the controller notes down when it brings a Migration into a phase. */
const noted: Partial<Record<Phase, object>> = { Inspecting: { source }, Preparing: { target } };

/** A Migration that has come into a phase step by step, each of them written by one who may. */
const bringInto = async (name: string, phase: Phase): Promise<void> => {
  const object = { apiVersion, kind: 'Migration', metadata: { name }, spec: { podName: 'pod' } };
  expect(await api.post(administrator, migrationsPath, object)).toMatchObject({ code: 201 });
  for (const step of wayTo(phase)) {
    const [first = 'controller'] = enteredBy[step];
    const answer = await patchStatus(writers[first], name, { phase: step, ...noted[step] });
    expect(answer, `${name} as ${step} by ${first}: ${answer.message}`).toMatchObject({ code: 200 });
  }
};

beforeAll(async () => {
  await freshNamespace(namespace);
  await stopControllers();
  api = await openApi();
  await bringInto(nameIn('Pending'), 'Pending');
  await untilRefused(() => patchStatus(administrator, nameIn('Pending'), { phase: 'Failed' }, tried));
  for (const phase of phases.filter((each) => each !== 'Pending')) await bringInto(nameIn(phase), phase);
});

afterAll(async () => {
  // Whatever comes of this, other tests need the controllers.
  try {
    await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s');
  } finally {
    await startControllers();
  }
  await api[Symbol.asyncDispose]();
});

/** Until the controller has written them down, there are no sides, and no agent has a part in the move. */
const hasPart = (writer: Writer, phase: Phase): boolean =>
  writer === 'controller' || wayTo(phase).includes(writer === 'sourceAgent' ? 'Inspecting' : 'Preparing');

const mayWrite = (writer: Writer, from: Phase, to: Phase): boolean =>
  hasPart(writer, from) && (from === to || (mayFollow(from, to) && enteredBy[to].includes(writer)));

describe('the status of a Migration', () => {
  it.each(phases)('that is %s is written by those, and with those phases, that src/api names', async (from) => {
    const wrong: string[] = [];
    for (const [writer, identity] of Object.entries(writers) as [Writer, Identity][])
      for (const to of phases) {
        const { code, message } = await patchStatus(identity, nameIn(from), { phase: to }, tried);
        if (code !== (mayWrite(writer, from, to) ? 200 : 403)) wrong.push(`${writer} to ${to}: ${code} ${message}`);
      }
    for (const [who, identity] of strangers)
      for (const to of phases) {
        const { code, message } = await patchStatus(identity, nameIn(from), { phase: to }, tried);
        if (code !== 403) wrong.push(`${who} to ${to}: ${code} ${message}`);
      }
    expect(wrong).toEqual([]);
  });

  interface Forgery {
    readonly by: Identity;
    readonly phase: Phase;
    readonly status: object;
    readonly said: string;
  }

  it.each<[string, Forgery]>([
    [
      'is not forged by the administrator',
      {
        ...{ by: administrator, phase: 'Moving', status: { phase: 'Committed' } },
        said: 'only the controller and the agents of Transship write it. To take the move back, set spec.cancel to true',
      },
    ],
    [
      'is not written by the agent of a third node',
      {
        ...{ by: agentOf('north'), phase: 'Moving', status: { phase: 'Failed' } },
        said: 'the agent of node north has no part in this move from node east to node west',
      },
    ],
    [
      'is not committed by the controller',
      {
        ...{ by: theController, phase: 'Moving', status: { phase: 'Committed' } },
        said: "only the agent of the source's node may make a Migration Committed",
      },
    ],
    [
      'is not committed by the agent of the target',
      {
        ...{ by: agentOf('west'), phase: 'Moving', status: { phase: 'Committed' } },
        said: "only the agent of the source's node may make a Migration Committed",
      },
    ],
    [
      'is not taken back after the commit, not even by the controller',
      {
        ...{ by: theController, phase: 'Committed', status: { phase: 'Failed' } },
        said: 'a Migration that is Committed cannot become Failed',
      },
    ],
    [
      'is not taken out of its end',
      {
        ...{ by: theController, phase: 'Lost', status: { phase: 'Succeeded' } },
        said: 'a Migration that is Lost cannot become Succeeded',
      },
    ],
    [
      'is not led to another node by an agent',
      {
        ...{ by: agentOf('east'), phase: 'Arrived', status: { target: { ...target, nodeName: 'north' } } },
        said: 'an agent cannot change which pods and nodes a move is about',
      },
    ],
  ])('%s', async (_what, { by, phase, status, said }) => {
    const { code, message } = await patchStatus(by, nameIn(phase), status, tried);
    expect(code).toBe(403);
    expect(message).toContain(said);
  });

  it('is refused to kubectl in the same words', async () => {
    const patch = ['--subresource=status', '--type=merge', '-p', '{"status":{"phase":"Succeeded"}}'];
    const { code, stderr } = await tryKubectl('patch', 'migration', nameIn('Moving'), '-n', namespace, ...patch);
    expect(code).not.toBe(0);
    expect(stderr).toContain('only the controller and the agents of Transship write it');
  });

  it('is kept from those who edit a namespace, who may ask for moves and cancel them', async () => {
    const editor: Identity = { user: 'e2e-editor' };
    await kubectl('create', 'rolebinding', 'editor', '-n', namespace, '--clusterrole=edit', '--user=e2e-editor');
    const forged = await patchStatus(editor, nameIn('Moving'), { phase: 'Failed' }, tried);
    expect(forged.message).toContain('User "e2e-editor" cannot patch resource "migrations/status"');
    const cancelled = await api.patch(editor, `${migrationsPath}/${nameIn('Moving')}${tried}`, {
      spec: { cancel: true },
    });
    expect(cancelled.code).toBe(200);
  });

  it('that has moved on meanwhile is a conflict, so that who comes second reads and obeys', async () => {
    const stale = { metadata: { resourceVersion: '1' }, status: { phase: 'Committed' } };
    const { code } = await api.patch(agentOf('east'), `${migrationsPath}/${nameIn('Cancelled')}/status${tried}`, stale);
    expect(code).toBe(409);
  });
});

describe('the spec of a Migration', () => {
  const patchSpec = (phase: Phase, spec: object): Promise<Answer> =>
    api.patch(administrator, `${migrationsPath}/${nameIn(phase)}${tried}`, { spec });

  it.each<[string, object]>([
    ['podName', { podName: 'another' }],
    ['podUID', { podUID: source.podUID }],
    ['targetNodeName', { targetNodeName: 'north' }],
    ['trigger', { trigger: 'Eviction' }],
    ['deadlineSeconds', { deadlineSeconds: 60 }],
  ])('keeps its %s', async (field, spec) => {
    const { code, message } = await patchSpec('Moving', spec);
    expect(code).toBe(422);
    expect(message).toContain(`${field} cannot be changed: a Migration is one move; create another one`);
  });

  it.each(phases)('can be cancelled while it is %s, unless it has committed', async (phase) => {
    const { code, message } = await patchSpec(phase, { cancel: true });
    const isTooLate = ['Committed', 'Succeeded', 'Lost'].includes(phase);
    expect(code).toBe(isTooLate ? 422 : 200);
    if (isTooLate) expect(message).toContain('the move has committed: there is nothing to take back any more');
  });

  it('does not take a cancellation back', async () => {
    await bringInto('cancelled', 'Arrived');
    const path = `${migrationsPath}/cancelled`;
    expect(await api.patch(administrator, path, { spec: { cancel: true } })).toMatchObject({ code: 200 });
    for (const cancel of [false, null]) {
      const { code, message } = await api.patch(administrator, `${path}${tried}`, { spec: { cancel } });
      expect(code).toBe(422);
      expect(message).toContain('cancel cannot be taken back; create another Migration');
    }
    const cancelled = await patchStatus(theController, 'cancelled', { phase: 'Cancelled' }, tried);
    expect(cancelled.code).toBe(200);
  });
});
