/** Words that the project does not use, because they hide the subject of a sentence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const BANNED =
  /\b(whoever|somebody|nobody|is told|stands in|came to|such a)\b|\bonce an? (?!second|minute|hour|day)/i;

/** Code and single words in quotes, such as the username of a test, are no prose. */
const IN_CODE = /`[^`]*`|(['"])[\w@./-]*\1|\b[\w-]+\.nobody\b/g;

/** Golden files hold generated texts, and this file the words themselves. */
const EXEMPT = /^test\/(golden\/|words\.test\.ts$)/;

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => /\.(ts|md|yaml|js|css)$/.test(name) && !EXEMPT.test(name));
}

const ALL = [
  ...['src', 'test', 'docs', 'flows', 'examples', 'config'].flatMap(files),
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
