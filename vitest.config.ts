import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'lab/**/*.test.ts',
      'image/**/*.test.ts',
      'manifests/**/*.test.ts',
      'node/**/*.test.ts',
      'docs/**/*.test.ts',
      'test/cluster/**/*.test.ts',
      'test/conformance/**/*.test.ts',
      'test/examples/**/*.test.ts',
      'test/fault/**/*.test.ts',
    ],
    // A limit for what hangs, not for what is slow: beside a compiler the histories take ten times as long.
    testTimeout: 60_000,
    // No test leaves anything behind in a module, and loading them once is half of the time.
    isolate: false,
    // On two cores vitest takes one, and half of the time is spent waiting for processes and timers.
    maxWorkers: 2,
  },
});
