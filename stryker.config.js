/** Mutation testing of the core, `npm run test:mutation`: which changes of the code does no test notice? */
export default {
  mutate: ['src/core/**/*.ts', '!src/core/**/*.test.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  // Stryker rewrites this file with the API of a compiler that TypeScript 7 no longer has, so it gets
  // the name of a file that does not exist.
  tsconfigFile: 'none.json',
  // When Vitest ends a run after the first failure, the signal can reach the run of the next mutant,
  // whose tests are then skipped.
  disableBail: true,
  // A busy machine must not count as an endless loop.
  timeoutMS: 30_000,
  reporters: ['progress-append-only', 'clear-text'],
  clearTextReporter: { allowEmojis: false, logTests: false, reportTests: false },
  tempDirName: '.vitest/stryker',
};
