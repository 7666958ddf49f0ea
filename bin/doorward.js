#!/usr/bin/env node
// The command `doorward`, in plain JavaScript: a Node that is too old cannot read TypeScript, and
// must say so in one line instead of a stack trace.
import process from 'node:process';

/** The oldest Node that runs the gateway; the same as `engines` in package.json. */
const OLDEST = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `doorward: Node ${OLDEST} or newer is required, but this is ${process.versions.node}: run npm ci, which installs one, then npm start (or npm run -s doorward -- COMMAND)\n`,
  );
  process.exitCode = 1;
} else {
  await import('../src/main.ts');
}
