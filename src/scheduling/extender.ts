import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { sentenceOf } from '../api/reasons.ts';
import type { Log } from '../log/log.ts';
import type { Candidate } from '../migration/node-fit/candidate.ts';
import { judge } from '../migration/node-fit/filter.ts';
import { moveIn } from '../trace/record.ts';
import type { Tracer } from '../trace/tracer.ts';
import {
  type ExtenderArgs,
  extenderArgs,
  filterFault,
  type FilterOutcome,
  filterResult,
  type HostPriority,
  nodeNamesOf,
} from './extender-api.ts';
import { candidatesOf } from './candidates.ts';
import { demandOf, type Move, moveOf, type SchedulingFacts } from './facts.ts';
import { scores } from './score.ts';

export interface ExtenderPorts extends SchedulingFacts {
  readonly tracer: Tracer;
  readonly log: Log;
}

/** 5,000 names are 66 KB (measured); whole nodes, with their lists of images, are up to some 20 KB each. */
const largestQuestion = 64 * 1024 * 1024;

const nameOf = ({ Pod: { metadata } }: ExtenderArgs): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

const everyNodeRefused = (names: readonly string[], why: string): FilterOutcome => ({
  fitting: [],
  reasons: new Map(names.map((name) => [name, why])),
});

const candidatesFor = (names: readonly string[], { migration }: Move, ports: ExtenderPorts): readonly Candidate[] =>
  candidatesOf(names, ports, migration.metadata.uid);

/**
 * A pod refused on all nodes is tried again when something in the cluster
 * changes; after a fault it is tried again soon. So what is merely not known
 * yet (the other replica has just written it) is answered as a fault.
 */
const filter = (args: ExtenderArgs, ports: ExtenderPorts): object => {
  const names = nodeNamesOf(args);
  const move = moveOf(args.Pod, ports);
  if ('why' in move)
    return move.forGood ? filterResult(args, everyNodeRefused(names, move.why)) : filterFault(move.why);
  const demand = demandOf(move, args.Pod, ports);
  const fitting: string[] = [];
  const reasons = new Map<string, string>();
  for (const { candidate, against } of judge(candidatesFor(names, move, ports), demand)) {
    if (against.length === 0) fitting.push(candidate.name);
    else reasons.set(candidate.name, sentenceOf(against));
  }
  ports.tracer.note(moveIn(move.migration), `finds ${fitting.length} of ${names.length} nodes fit`);
  ports.log.info(
    {
      pod: nameOf(args),
      migration: move.migration.metadata.name,
      fitting: fitting.length,
      refused: Object.fromEntries(reasons),
    },
    'Filtered nodes for target',
  );
  return filterResult(args, { fitting, reasons });
};

const prioritize = (args: ExtenderArgs, ports: ExtenderPorts): readonly HostPriority[] => {
  const names = nodeNamesOf(args);
  const move = moveOf(args.Pod, ports);
  if ('why' in move) return names.map((Host) => ({ Host, Score: 0 }));
  const placement = {
    pod: args.Pod,
    memoryBytes: move.source.memoryBytes ?? 0,
    maxInbound: ports.policyOfMove(move.migration).maxInboundPerNode,
  };
  const given = scores(candidatesFor(names, move, ports), placement);
  return names.map((Host, index) => ({ Host, Score: given[index] ?? 0 }));
};

/** Reads the question; what cannot be read is answered with what is wrong about it. */
const asked =
  (answer: (args: ExtenderArgs) => object) =>
  (request: Request, response: Response): void => {
    const args = extenderArgs.safeParse(request.body);
    if (args.success) response.json(answer(args.data));
    else
      response
        .status(400)
        .json(
          filterFault(
            `not ExtenderArgs: ${args.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
          ),
        );
  };

interface BodyError extends Error {
  readonly status?: number;
}

/** The body was too large or no JSON, or a fault of ours. Express knows an error handler by its four parameters. */
const refusing =
  (log: Log) =>
  (error: BodyError, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error.status === undefined) log.error({ error, path: request.path }, 'Failed to answer scheduler');
    response.status(error.status ?? 500).json(filterFault(error.message));
  };

/** POST /scheduling/filter and /scheduling/prioritize. */
export const createExtender = (ports: ExtenderPorts): Router => {
  const router = Router();
  router.use('/scheduling', express.json({ limit: largestQuestion, type: () => true }));
  router.post(
    '/scheduling/filter',
    asked((args) => filter(args, ports)),
  );
  router.post(
    '/scheduling/prioritize',
    asked((args) => prioritize(args, ports)),
  );
  router.use('/scheduling', refusing(ports.log));
  return router;
};
