/** Reads the files of one load, and records each with its content so that a change can be detected. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Fault } from '../faults/fault.ts';
import { emptySource, type Source } from '../faults/source.ts';
import { type Assembly, assemble } from '../merge/assembly.ts';
import type { Surroundings } from '../merge/interpolation.ts';
import { readInBackground } from '../parse/background.ts';
import { type Reading, readNames, readText } from '../parse/disk.ts';
import { readDocument } from '../parse/document.ts';
import { digestOf, type Seen } from '../parse/fingerprint.ts';

/** What the files of one load share. */
export interface Files {
  /** Relative paths in the configuration start here. */
  readonly base: string;
  /** File names in faults are relative to this directory where that is shorter. */
  readonly cwd: string;
  /** All files and directories that were read, by path. */
  readonly seen: Map<string, Seen>;
  readonly faults: Fault[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lets the process do other work between two slices. */
  readonly pause: () => Promise<unknown>;
  /** Whether long files are parsed in a worker thread. */
  readonly background: boolean;
}

/** A file to be read. */
export interface FileName {
  /** Absolute. */
  readonly path: string;
  /** As faults name it. */
  readonly shown: string;
}

/** Begins a load of the main file at an absolute path. */
export function openFiles(
  main: string,
  options: Pick<Files, 'cwd' | 'env'> & Partial<Pick<Files, 'pause' | 'background'>>,
): Files {
  const { cwd, env, pause = nextTurn, background = false } = options;
  return { base: baseOf(main), cwd, seen: new Map(), faults: [], env, pause, background };
}

/** The directory of the main file, or its parent where that directory is named `config`. */
function baseOf(main: string): string {
  const directory = dirname(main);
  return basename(directory) === 'config' ? dirname(directory) : directory;
}

/** Reads a file once and records its content, so that no later change goes unnoticed. */
async function read(path: string, maxBytes: number, { seen }: Files): Promise<Reading> {
  const reading = await readText(path, maxBytes);
  if (!seen.has(path)) seen.set(path, { path, maxBytes, digest: digestOf(reading) });
  return reading;
}

/** What references such as `${file:…}` are resolved with. */
function surroundingsOf(files: Files): Surroundings {
  return {
    env: files.env,
    pause: files.pause,
    read: (named, maxBytes) => read(resolve(files.base, named), maxBytes, files),
  };
}

/** Remedies for a file that cannot be read. */
export interface Remedies {
  readonly missing?: string;
  readonly tooLarge?: string;
}

/** The file as a source; null once its faults have been noted. */
export async function readSource(
  { path, shown }: FileName,
  maxBytes: number,
  files: Files,
  remedies: Remedies = {},
): Promise<Source | null> {
  const reading = await read(path, maxBytes, files);
  if ('failed' in reading) {
    const remedy = reading.isTooLarge ? remedies.tooLarge : remedies.missing;
    const message = `cannot be read: ${reading.failed}${remedy === undefined ? '' : `; ${remedy}`}`;
    files.faults.push(emptySource(shown).fault([], message));
    return null;
  }
  return readYaml(shown, reading.text, files);
}

/** A text as a source; null once its faults have been noted. */
export async function readYaml(shown: string, text: string, files: Files): Promise<Source | null> {
  const { source, faults } = files.background
    ? await readInBackground(shown, text, files.pause)
    : readDocument(shown, text);
  files.faults.push(...faults);
  return faults.length > 0 ? null : source;
}

/** The source with references and overrides applied; faults are noted. */
export async function assembled(
  source: Source,
  assembly: Omit<Assembly, 'around'>,
  files: Files,
): Promise<Source> {
  const whole = await assemble(source, { ...assembly, around: surroundingsOf(files) });
  files.faults.push(...whole.faults);
  return whole.source;
}

/**
 * All `*.yaml` files of a directory that the option `option` of the main file names, sorted. Skips
 * names that begin with a dot, such as `..data` of a mounted ConfigMap. Empty after a fault, which a
 * name such as `A.YAML` is too: skipping it in silence would lose its policies.
 */
export async function yamlFilesIn(
  directory: string,
  limits: { readonly option: string; readonly most: number },
  main: Source,
  files: Files,
): Promise<readonly FileName[]> {
  const { option, most } = limits;
  const listing = await readNames(directory);
  files.seen.set(directory, { path: directory, maxBytes: null, digest: digestOf(listing) });
  const blame = (message: string): readonly FileName[] => {
    files.faults.push(main.fault([option], message));
    return [];
  };
  if ('failed' in listing) return blame(`the directory cannot be read: ${listing.failed}`);
  const names = listing.names.filter((name) => !name.startsWith('.') && /\.ya?ml$/i.test(name));
  const loud = names.find((name) => !/\.ya?ml$/.test(name));
  if (loud !== undefined) return blame(`rename ${loud}: the extension must be lower case`);
  if (names.length === 0) return blame('the directory has no .yaml file');
  if (names.length > most) return blame(`expected at most ${most} files, not ${names.length}`);
  return names.map((name) => {
    const path = join(directory, name);
    return { path, shown: shownPath(path, files.cwd) };
  });
}

/** Relative where that is shorter to read. */
export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}
