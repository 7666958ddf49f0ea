#!/usr/bin/env node
// The command `doorward` of the npm package. A Node that is too old must say so in one line instead of
// a stack trace, so nothing is imported before the version is known.
import { join } from 'node:path';
import process from 'node:process';

/** The oldest Node that runs the gateway; the same as `engines` in package.json. */
const OLDEST = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `doorward: Node ${OLDEST} or newer is required, but this is ${process.versions.node}\n`,
  );
  process.exitCode = 1;
} else {
  // `npx doorward` alone runs the demo, with its data in the folder where it was called.
  if (process.argv.length === 2) {
    const demo = join(import.meta.dirname, '../config/doorward.yaml');
    process.argv.push('serve', '-c', demo, '--set', `data_dir=${join(process.cwd(), 'doorward-data')}`);
  }
  await import('../dist/main.js');
}
