/** Which files of `src` are part of the product, and which only tests use. */
import { readdirSync } from 'node:fs';

/**
 * Whether a file is part of the product: no test, no shared test suite, no examples of a plug-in, no
 * foreign declaration.
 */
export function isSource(file: string): boolean {
  return file.endsWith('.ts') && !/\.(test|suite|d)\.ts$|(^|\/)(test\/|examples\.ts$)/.test(file);
}

/** All source files under `root`, relative to it, sorted. */
export function sourceFiles(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isSource).sort();
}
