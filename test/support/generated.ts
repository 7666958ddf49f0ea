/**
 * `npm run generate` writes what follows from the plug-in lists: the JSON Schemas and the pages of
 * reference. With `--verify` it writes nothing and exits 1 when a file is not what it would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lists } from '../../src/run/backing/adapters.ts';
import { schemaFiles } from '../../src/config/schema/json-schema.ts';
import { referenceFiles } from './reference.ts';

const ROOT = join(import.meta.dirname, '../..');

function standing(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Named fallback: a file that is not there is as good as an outdated one.
    return null;
  }
}

const isVerifying = process.argv.includes('--verify');
function update(path: string, text: string): void {
  if (standing(join(ROOT, path)) === text) return;
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
