import { defineConfig } from 'vitest/config';

/** On the lab, one file after the other: there is one cluster, and moves are timed. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    bail: 0,
  },
});
