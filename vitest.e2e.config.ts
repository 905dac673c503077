import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What looks at all moves, and what leaves nothing to move with. */
const last = ['traces.test.ts', 'uninstall.test.ts'];

/** By name, so that a failure can be had again; what takes Transship off the lab comes after all that need it. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): string =>
      `${last.findIndex((name) => moduleId.endsWith(name)) + 1} ${moduleId}`;
    return Promise.resolve(files.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)));
  }
}

/** On the lab, one file after the other: there is one cluster, and moves are timed. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    setupFiles: ['test/e2e/evidence.ts'],
    sequence: { sequencer: ByName },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    bail: 0,
  },
});
