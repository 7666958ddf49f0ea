/** Whether this is `npm run test:long`: more runs of each property, and what takes minutes. */
export const isLong = process.env['DOORWARD_TEST_LONG'] !== undefined;
