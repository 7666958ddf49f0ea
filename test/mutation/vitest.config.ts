/** The tests that Stryker runs against each mutant. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/core/**/*.test.ts'],
    setupFiles: ['test/support/properties.ts', 'test/mutation/properties.ts'],
    restoreMocks: true,
  },
});
