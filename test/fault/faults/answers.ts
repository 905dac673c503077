import type { Fault } from './fault.ts';

/** Faults of what one program hears from another, which only the program itself can bring about exactly. */

export const answerFaults: readonly Fault[] = [
  {
    name: 'answer-lost',
    what: 'the API server carries out a patch and its answer is lost',
    touches: 'pair',
    inject: () => Promise.resolve({ directive: 'lose-answer', undo: () => Promise.resolve() }),
  },
  {
    name: 'stream-corrupted',
    what: 'a byte of the image changes on its way',
    touches: 'pair',
    inject: () => Promise.resolve({ directive: 'corrupt', undo: () => Promise.resolve() }),
  },
  {
    name: 'stream-truncated',
    what: 'the stream of the image ends too early',
    touches: 'pair',
    inject: () => Promise.resolve({ directive: 'truncate', undo: () => Promise.resolve() }),
  },
];
