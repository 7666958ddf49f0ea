import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One command runs everything; `npm test -- --project unit` runs what needs no server. */
export default defineConfig({
  test: {
    // By default one core is left idle, and most files wait for programs that they started.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default'],
    // Far beyond what any honest machine needs: a limit is there to end what hangs, never to judge speed.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/{contracts,journeys,hostile}/**/*.test.ts'],
          globalSetup: ['test/support/machine.ts'],
          fileParallelism: true,
        },
      },
    ],
  },
});
