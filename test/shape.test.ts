/**
 * The structure of `src`: every plug-in folder is listed, tested and documented, and files stay
 * small.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmeOf } from './support/readme.ts';
import { isSource, sourceFiles } from './support/source-files.ts';

const SRC = join(import.meta.dirname, '../src');
const LISTS = [
  'stages',
  'policies',
  'dialects',
  'stores',
  'directories',
  'sources',
  'importers',
  'mailers',
];

function folders(list: string): string[] {
  return readdirSync(join(SRC, list)).filter((name) =>
    statSync(join(SRC, list, name)).isDirectory(),
  );
}

describe.each(LISTS)('plug-ins in %s', (list) => {
  const index = readFileSync(join(SRC, list, 'index.ts'), 'utf8');
  it.each(folders(list))('%s is listed, tested and documented', (name) => {
    expect(index).toContain(`'./${name}/`);
    expect(existsSync(join(SRC, list, name, 'README.md'))).toBe(true);
    const files = readdirSync(join(SRC, list, name), { recursive: true }) as string[];
    const isContract = ['stores', 'directories', 'sources', 'mailers'].includes(list);
    expect(isContract || files.some((file) => file.endsWith('.test.ts'))).toBe(true);
  });
});

describe.each(['stages', 'policies'] as const)('READMEs in %s', (list) => {
  it.each(folders(list))('%s has the form that the reference is generated from', (name) => {
    expect(() => readmeOf(list, name)).not.toThrow();
    const text = readFileSync(join(SRC, list, name, 'README.md'), 'utf8');
    // The schema documents the options; a second table would drift.
    expect(text).not.toMatch(/^\| *option\b/m);
  });
});

/** The folders of `src` that hold source files, relative to it. */
function rooms(folder = SRC): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const inner = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => rooms(join(folder, entry.name)));
  const isRoom = entries.some((entry) => isSource(entry.name));
  return isRoom ? [relative(SRC, folder), ...inner] : inner;
}

describe('the folders of src', () => {
  it.each(rooms())('%s has a README of one screen', (name) => {
    const readme = join(SRC, name, 'README.md');
    expect(existsSync(readme)).toBe(true);
    // The README of a plug-in is also its page of the reference.
    const limit = LISTS.includes(name.split('/')[0] ?? '') ? 90 : 60;
    expect(readFileSync(readme, 'utf8').split('\n').length).toBeLessThanOrEqual(limit);
  });

  it.each(rooms())('%s contains at most 16 source files', (name) => {
    expect(readdirSync(join(SRC, name)).filter(isSource).length).toBeLessThanOrEqual(16);
  });
});

describe('source files', () => {
  const lengths = sourceFiles(SRC)
    .map((path) => ({ path, lines: readFileSync(join(SRC, path), 'utf8').split('\n').length }))
    .sort((a, b) => a.lines - b.lines);

  it('have a median of at most 90 lines, nine in ten at most 250, none over 400', () => {
    const at = (share: number): number => lengths[Math.floor(lengths.length * share)]?.lines ?? 0;
    expect(at(0.5)).toBeLessThanOrEqual(90);
    expect(at(0.9)).toBeLessThanOrEqual(250);
    expect(lengths.at(-1)?.lines).toBeLessThanOrEqual(400);
  });

  it.each(sourceFiles(SRC))('%s begins with a comment on its purpose', (path) => {
    const text = readFileSync(join(SRC, path), 'utf8').replace(/^#!.*\n/, '');
    expect(text.startsWith('/**')).toBe(true);
  });
});

/** Parameters that are `true` or `false`: a call with one does not say what it means. */
function booleanParameters(text: string): readonly string[] {
  const typed = /[(,]\s*\w+\??: boolean\b/g;
  // An assignment that an arrow function returns is no parameter.
  const withDefault = /(?<!=> )[(,]\s*\w+ = (?:true|false)(?=\s*[,)])/g;
  const flat = text.replaceAll('{}', '').replaceAll(/\{[^{}]*\}(?=:| =)/g, '');
  return [typed, withDefault].flatMap((pattern) => flat.match(pattern) ?? []);
}

describe('functions', () => {
  it.each(sourceFiles(SRC))('of %s take no boolean but in an object with names', (path) => {
    expect(booleanParameters(readFileSync(join(SRC, path), 'utf8'))).toEqual([]);
  });

  it.each([
    'function send(reply: Reply, isHead: boolean): void {',
    'function read(\n  raw: Raw,\n  isTrusted = false,\n): Facts {',
    'readonly onProof: (isRegained: boolean) => void;',
    'function verdict(pass: boolean | null, say: Say) {',
    'const flag = (isSet?: boolean) => isSet;',
  ])('a planted one is found: %s', (text) => {
    expect(booleanParameters(text)).toHaveLength(1);
  });

  it.each([
    'function send({ isHead }: { readonly isHead: boolean }): boolean {',
    'const { all = {}, isLow = false, ...more } = layout;',
    'function show({ first, isLow = false, ...more }: Layout) {',
    "child.once('close', () => (isReady = false));",
    'export function isFresh(at: number): boolean {',
  ])('others are not: %s', (text) => {
    expect(booleanParameters(text)).toEqual([]);
  });
});

describe('the repository', () => {
  it('names no registry in its lock file', () => {
    const lock = readFileSync(join(SRC, '../package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved": "http/);
  });

  it('locks every optional package of every platform, without which npm ci fails', () => {
    const lock = JSON.parse(readFileSync(join(SRC, '../package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(lock.packages).flatMap(([place, part]) =>
      Object.keys(part.optionalDependencies ?? {}).filter(
        (name) =>
          lock.packages[`node_modules/${name}`] === undefined &&
          lock.packages[`${place}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });

  it('ships no runtime package with an install script', () => {
    const lock = JSON.parse(readFileSync(join(SRC, '../package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>;
    };
    const scripted = Object.entries(lock.packages).filter(
      ([, part]) => part.hasInstallScript === true && part.dev !== true,
    );
    expect(scripted).toEqual([]);
  });
});
