/** Whether this is `npm run test:long`: more runs of each property, and tests that take minutes. */
export const isLong = process.env['DOORWARD_TEST_LONG'] !== undefined;
