/**
 * From files, environment and flags to a configuration or its faults. Reads; changes nothing.
 * Every file that was looked at is named, so that it can be watched.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { assemble } from './merge/assembly.ts';
import { MAX_YAML_BYTES, readDocumentInSteps } from './parse/document.ts';
import { type Reading, readNames, readText } from './parse/disk.ts';
import { finishInSlices } from '../core/values/steps.ts';
import type { Fault } from './faults/fault.ts';
import { digestOf, type Seen } from './parse/fingerprint.ts';
import type { Surroundings } from './merge/interpolation.ts';
import { type FlowSource, type Linked, linkSteps } from './link/link.ts';
import type { Lists } from './settings/lists.ts';
import { overridesFromFlags, overridesIn } from './merge/override.ts';
import { configSchema } from './schema/schema.ts';
import { flowSchema } from './schema/flow-schema.ts';
import type { Demo } from './settings/settings.ts';
import { configSlots } from './merge/slots.ts';
import { emptySource, type Source } from './faults/source.ts';

/** Largest flow file, in bytes. */
const MAX_FLOW_BYTES = 256 * 1024;
/** Most flow files. */
const MAX_FLOWS = 200;

/** What is loaded, and with what. */
export interface LoadInput {
  /** The main file as the operator named it. */
  readonly file: string;
  /** Where `file` starts from when it is relative. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options given as flags, by path: `data_dir`, `admin.listen`. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly lists: Lists;
  /** The shipped flows; those of the operator's directory lie over them. */
  readonly shippedFlows: string;
  /** Lets a gateway answer between two slices of work. Default: a turn of the event loop. */
  readonly pause?: () => Promise<unknown>;
  /** Starts the demo apps, or tells where they run; asked when a route points to one. Left out: nobody will open them. */
  readonly demos?: () => Promise<Readonly<Partial<Record<Demo, string>>>>;
}

/** What loading came to. */
export type Loaded = (
  | ({ readonly ok: true } & Linked)
  | { readonly ok: false; readonly faults: readonly Fault[] }
) & {
  /** All files and directories that were looked at, and what they held. */
  readonly seen: readonly Seen[];
};

/** Loads everything. Never rejects for what an operator wrote; faults are values. */
export async function loadConfiguration(input: LoadInput): Promise<Loaded> {
  const path = resolve(input.cwd, input.file);
  const desk: Desk = {
    base: baseOf(path),
    seen: new Map(),
    faults: [],
    env: input.env,
    pause: input.pause ?? nextTurn,
  };
  const { faults, base } = desk;
  const read = await readSource(path, input.file, MAX_YAML_BYTES, desk, '; name another with -c');
  if (read === null) return { ok: false, faults, seen: [...desk.seen.values()] };
  const overrides = [...overridesIn(input.env), ...overridesFromFlags(input.flags ?? {})];
  const pieces = { schema: configSchema, slots: configSlots(input.lists), overrides };
  const whole = await assemble(read, { ...pieces, around: surroundings(desk) });
  faults.push(...whole.faults);
  const flows = await readFlows(whole.source, input, desk);
  const { demos } = input;
  const demoOrigins = demos !== undefined && namesDemo(whole.source) ? await demos() : null;
  const parts = { main: whole.source, flows, lists: input.lists, base, demoOrigins };
  const linked = await finishInSlices(linkSteps(parts, faults), desk.pause);
  const seen = [...desk.seen.values()];
  if (linked === null) return { ok: false, faults: inOrder(faults, input.file), seen };
  return { ok: true, ...linked, seen };
}

function namesDemo({ value }: Source): boolean {
  const routes = (value as { routes?: unknown } | null)?.routes;
  if (!Array.isArray(routes)) return false;
  return (routes as readonly ({ upstream?: unknown } | null)[]).some((route) => {
    const upstream = route?.upstream;
    const isObject = typeof upstream === 'object' && upstream !== null;
    const url = isObject ? (upstream as { url?: unknown }).url : upstream;
    return typeof url === 'string' && url.startsWith('demo:');
  });
}

/** Relative paths start at the file's directory, or above it when that is called `config`. */
function baseOf(file: string): string {
  const directory = dirname(file);
  return basename(directory) === 'config' ? dirname(directory) : directory;
}

/** What one load shares between its steps. */
interface Desk {
  readonly base: string;
  readonly seen: Map<string, Seen>;
  readonly faults: Fault[];
  readonly env: LoadInput['env'];
  readonly pause: () => Promise<unknown>;
}

function surroundings(desk: Desk): Surroundings {
  return {
    env: desk.env,
    pause: desk.pause,
    read: (named, maxBytes) => look(resolve(desk.base, named), maxBytes, desk),
  };
}

/** Reads a file and notes what it held: a later change can then not slip in between. */
async function look(path: string, maxBytes: number, { seen }: Desk): Promise<Reading> {
  const reading = await readText(path, maxBytes);
  if (!seen.has(path)) seen.set(path, { path, maxBytes, digest: digestOf(reading) });
  return reading;
}

async function readSource(
  path: string,
  shown: string,
  maxBytes: number,
  desk: Desk,
  remedy = '',
): Promise<Source | null> {
  const reading = await look(path, maxBytes, desk);
  if ('failed' in reading) {
    desk.faults.push(emptySource(shown).fault([], `cannot be read: ${reading.failed}${remedy}`));
    return null;
  }
  const { source, faults } = await readDocumentInSteps(shown, reading.text, desk.pause);
  desk.faults.push(...faults);
  return faults.length > 0 ? null : source;
}

/** The shipped flows, and over them those of the flows directory: the same name wins. */
async function readFlows(
  main: Source,
  input: LoadInput,
  desk: Desk,
): Promise<readonly FlowSource[]> {
  const value = main.value as { flows?: unknown; flows_only?: unknown } | null;
  const own = typeof value?.flows === 'string' ? resolve(desk.base, value.flows) : null;
  const isAlone = value?.flows_only === true;
  if (isAlone && own === null) {
    desk.faults.push(main.fault(['flows_only'], 'needs flows, the directory of your own'));
  }
  const flows = new Map<string, FlowSource>();
  if (!isAlone && own !== input.shippedFlows) {
    const shipped = await readDirectory(input.shippedFlows, true, main, input, desk);
    for (const flow of shipped) flows.set(flow.name, flow);
  }
  if (own !== null) {
    const isShipped = own === input.shippedFlows;
    for (const flow of await readDirectory(own, isShipped, main, input, desk)) {
      flows.set(flow.name, flow);
    }
  }
  return [...flows.values()];
}

/** All `*.yaml` of a directory; names that begin with a dot are skipped (`..data` of ConfigMaps). */
async function readDirectory(
  directory: string,
  isShipped: boolean,
  main: Source,
  input: LoadInput,
  desk: Desk,
): Promise<readonly FlowSource[]> {
  const { faults } = desk;
  const listing = await readNames(directory);
  desk.seen.set(directory, { path: directory, maxBytes: null, digest: digestOf(listing) });
  if ('failed' in listing) {
    faults.push(main.fault(['flows'], `the directory of flows cannot be read: ${listing.failed}`));
    return [];
  }
  const files = listing.names.filter((n) => !n.startsWith('.') && /\.ya?ml$/.test(n));
  if (files.length === 0) faults.push(main.fault(['flows'], 'there is no .yaml file in it'));
  if (files.length > MAX_FLOWS) {
    faults.push(main.fault(['flows'], `expected at most ${MAX_FLOWS} flows, not ${files.length}`));
    return [];
  }
  const flows: FlowSource[] = [];
  for (const file of files) {
    const path = join(directory, file);
    const name = basename(file, extname(file));
    const shown = displayed(path, input.cwd);
    if (flows.some((flow) => flow.name === name)) {
      faults.push(emptySource(shown).fault([], `there is a flow ${name} already; keep one file`));
      continue;
    }
    const source = await readSource(path, shown, MAX_FLOW_BYTES, desk);
    const whole = source === null ? null : await wholeFlow(source, desk);
    flows.push({ name, isShipped, source: whole });
  }
  return flows;
}

async function wholeFlow(source: Source, desk: Desk): Promise<Source> {
  const pieces = { schema: flowSchema, slots: () => [], overrides: [] };
  const whole = await assemble(source, { ...pieces, around: surroundings(desk) });
  desk.faults.push(...whole.faults);
  return whole.source;
}

/** Relative where that is shorter to read. */
function displayed(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}

/** By file, the main one first, then by line. */
function inOrder(faults: readonly Fault[], main: string): readonly Fault[] {
  const rank = (fault: Fault): number => (fault.line === 0 ? 0 : fault.file === main ? 1 : 2);
  return [...faults].sort(
    (a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file) || a.line - b.line || a.col - b.col,
  );
}
