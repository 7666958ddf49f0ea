/**
 * `npm run generate` writes the files derived from the plug-in lists: the JSON Schemas and the
 * reference pages. With `--verify`, it writes nothing and exits 1 if a file is outdated.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lists } from '../../src/run/backing/adapters.ts';
import { schemaFiles } from '../../src/config/schema/json-schema.ts';
import { referenceFiles } from './reference.ts';

const ROOT = join(import.meta.dirname, '../..');

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Named fallback: a missing file counts as outdated.
    return null;
  }
}

const isVerifying = process.argv.includes('--verify');
function update(path: string, text: string): void {
  if (textOf(join(ROOT, path)) === text) return;
  if (isVerifying) {
    console.error(`${path} is not what npm run generate writes: run it`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  console.log(`${path} written`);
}

// The schemas first: they need no README.
for (const [path, text] of schemaFiles(lists)) update(path, text);
for (const [path, text] of referenceFiles(lists)) update(path, text);
