import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { isLong } from './test/support/long.ts';

/**
 * One command runs everything; `npm test -- --project unit` runs what needs no server, `npm run test:long`
 * what takes an hour.
 */
export default defineConfig({
  test: {
    // Many files wait for other programs and for timeouts, so two workers more than cores keep them busy.
    maxWorkers: availableParallelism() + 2,
    reporters: ['default'],
    // Far beyond what any honest machine needs: a limit is there to end what hangs, never to judge speed.
    testTimeout: isLong ? 7_200_000 : 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000 } },
    setupFiles: ['test/support/properties.ts'],
    restoreMocks: true,
    // A process for each file takes longer than most files, and gateways in it would start cold.
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [
            'test/{contracts,journeys,hostile,clients}/**/*.test.ts',
            ...(isLong ? ['test/long/**/*.test.ts'] : []),
          ],
          globalSetup: ['test/support/machine.ts'],
          fileParallelism: true,
        },
      },
    ],
  },
});
