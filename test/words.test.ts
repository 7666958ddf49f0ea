/** Words that the project does not use, because they hide the subject of a sentence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const BANNED =
  /\b(whoever|somebody|nobody|is told|stands in|came to|such a)\b|\bonce an? (?!second|minute|hour|day)/i;

/** Words of the configuration language and of code, rather than of prose. */
const IN_CODE = /`[^`]*`|\b[\w-]+\.nobody\b/g;

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => /\.(ts|md|yaml|js|css)$/.test(name) && !/\.(test|suite)\.ts$/.test(name));
}

const ALL = [
  ...['src', 'docs', 'flows', 'examples', 'config'].flatMap(files),
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
];

/** The lines of a text that use a banned word. */
function findings(text: string): string[] {
  return text.split('\n').filter((line) => BANNED.test(line.replaceAll(IN_CODE, '')));
}

describe('banned words', () => {
  it.each(ALL)('%s uses none', (name) => {
    expect(findings(readFileSync(join(ROOT, name), 'utf8'))).toEqual([]);
  });

  it.each([
    '// Whoever asks is refused.',
    'such a rule',
    'The user is told why.',
    'Once a rule fails, stop.',
  ])('a planted one is found: %s', (line) => {
    expect(findings(line)).toEqual([line]);
  });
});
