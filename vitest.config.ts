import { defineConfig } from 'vitest/config';

/** One command runs everything; `npm test -- --project unit` runs what needs no server. */
export default defineConfig({
  test: {
    reporters: ['default'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
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
