/** The repository's documents: every Markdown file of our own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['docs', 'examples', 'src', 'test'];

/** Their paths relative to the root. */
export function documents(): readonly string[] {
  const below = FOLDERS.flatMap((folder) =>
    (readdirSync(join(ROOT, folder), { recursive: true }) as string[]).map((p) => `${folder}/${p}`),
  );
  return [...readdirSync(ROOT), ...below].filter((path) => path.endsWith('.md')).sort();
}
