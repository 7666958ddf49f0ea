/**
 * The documents are correct: links resolve, commands and options exist, and every YAML block is
 * tested.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/program.ts';
import type { CommandContext } from '../src/cli/shell/context.ts';
import { documents } from './support/documents.ts';

const ROOT = join(import.meta.dirname, '..');
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/**
 * Kinds of YAML blocks, each loaded by a test (those of other programs only where the program is at
 * hand).
 */
const KINDS = [
  'config',
  'config-fragment',
  'flow',
  'users',
  'traefik',
  'envoy',
  'kubernetes',
  'traefik-crd',
  'gateway-api',
];

interface Link {
  readonly place: string;
  /** The file that contains it. */
  readonly page: string;
  readonly target: string;
}

function linksOf(page: string): readonly Link[] {
  const text = textOf(page).replace(/^```.*?^```$/gms, (block) => block.replace(/[^\n]/g, ' '));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .filter((match) => !/^(?:https?|mailto):/.test(match[1] as string))
    .map((match) => ({
      place: `${page}:${text.slice(0, match.index).split('\n').length}`,
      page,
      target: match[1] as string,
    }));
}

/** The anchor that GitHub derives from a heading. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] as string);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('links in documents', () => {
  const links = documents().flatMap(linksOf);

  it('are found in large number', () => expect(links.length).toBeGreaterThan(20));

  it.each(links)('$target in $place resolves', ({ page, target }) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
    expect(existsSync(file)).toBe(true);
    const anchors = anchor === undefined ? [undefined] : [...anchorsOf(readFileSync(file, 'utf8'))];
    expect(anchors).toContain(anchor);
  });
});

describe('YAML in documents', () => {
  it.each(documents())('of %s is of a kind that a test loads', (page) => {
    const kinds = [...textOf(page).matchAll(/^ *```ya?ml *(.*)$/gm)].map((m) => m[1] ?? '');
    expect(kinds.filter((kind) => !KINDS.includes(kind))).toEqual([]);
  });
});

interface Shown {
  readonly place: string;
  readonly line: string;
}

/**
 * Command lines in shell blocks, with continued lines joined, and without comments and
 * redirections.
 */
function commandsIn(page: string): readonly Shown[] {
  const blocks = [...textOf(page).matchAll(/^```sh\n(.*?)^```$/gms)];
  return blocks.flatMap((block) =>
    (block[1] as string)
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => /(?:^|[|;&] *|exec -it \w+ )(?:npm run -s )?doorward (.+)$/.exec(line)?.[1])
      .filter((line) => line !== undefined)
      .map((line) => ({
        place: page,
        line: line
          .replace(/^-- /, '')
          .replace(/ *[#>|].*$/, '')
          .trim(),
      })),
  );
}

async function helpOf(words: readonly string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const terminal = { out: (more: string) => void (text += more), err: () => undefined };
  const code = await run({ version: '0', terminal } as unknown as CommandContext, [
    ...words,
    '--help',
  ]);
  return { code, text };
}

describe('commands in documents', () => {
  const shown = documents().flatMap(commandsIn);

  it('are found in large number', () => expect(shown.length).toBeGreaterThan(20));

  it.each(shown)('doorward $line ($place) exists', async ({ line }) => {
    const [command = '', sub = ''] = line.split(' ');
    const group = await helpOf([command]);
    const isGroup = /^Commands:/m.test(group.text);
    const { code, text } = isGroup ? await helpOf([command, sub]) : group;
    expect(code).toBe(0);
    expect(text).toContain(`doorward ${isGroup ? `${command} ${sub}` : command} `);
    for (const [, flag = ''] of line.matchAll(/ (--?[a-z-]+)/g)) expect(text).toContain(flag);
  });
});
