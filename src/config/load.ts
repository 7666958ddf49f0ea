/**
 * From files, environment and flags to a configuration or its faults. Reads; changes nothing.
 * Reports every file that it read, so that the files can be watched.
 */
import { resolve } from 'node:path';
import { finishInSlices } from '../core/values/steps.ts';
import type { Fault } from './faults/fault.ts';
import type { Source } from './faults/source.ts';
import { assembled, openFiles, readSource } from './files/files.ts';
import { readFlows, type ShippedFlow } from './files/flow-files.ts';
import { withRouteFiles } from './files/route-files.ts';
import { type Linked, linkSteps } from './link/link.ts';
import { overridesFromFlags, overridesIn } from './merge/override.ts';
import { configSlots } from './merge/slots.ts';
import type { Seen } from './parse/fingerprint.ts';
import { MAX_YAML_BYTES } from './parse/yaml-weight.ts';
import { configSchema } from './schema/schema.ts';
import type { Lists } from './settings/lists.ts';
import type { Demo } from './settings/settings.ts';
import { fieldsOf, isRecord } from '../core/values/record.ts';

/** What is loaded, and with what. */
export interface LoadInput {
  /** The main file as the operator named it. */
  readonly file: string;
  /** The directory that a relative `file` starts from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options given as flags, by path: `data_dir`, `admin.listen`. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly lists: Lists;
  readonly shippedFlows: readonly ShippedFlow[];
  /** Lets a gateway answer between two slices of work. Default: a turn of the event loop. */
  readonly pause?: () => Promise<unknown>;
  /**
   * Parses long files in a worker thread, so that a gateway keeps answering. Default: false, which is
   * faster where no request waits.
   */
  readonly background?: boolean;
  /** Starts the demo apps and returns their origins. Called when a route points to one. */
  readonly demos?: () => Promise<Readonly<Partial<Record<Demo, string>>>>;
}

/** The result of a load. */
export type Loaded = (
  | ({ readonly ok: true } & Linked)
  | { readonly ok: false; readonly faults: readonly Fault[] }
) & {
  /** All files and directories that were read, with what they contained. */
  readonly seen: readonly Seen[];
};

const REMEDIES = {
  missing: 'name another file with -c',
  tooLarge: 'move routes to files in routes_dir',
};

/** Loads everything. Never rejects for what an operator wrote: faults are values. */
export async function loadConfiguration(input: LoadInput): Promise<Loaded> {
  const { lists, demos } = input;
  const path = resolve(input.cwd, input.file);
  const files = openFiles(path, input);
  const { faults } = files;
  const read = await readSource({ path, shown: input.file }, MAX_YAML_BYTES, files, REMEDIES);
  if (read === null) return { ok: false, faults, seen: [...files.seen.values()] };
  const assembly = { schema: configSchema, slots: configSlots(lists) };
  const overrides = [...overridesIn(input.env), ...overridesFromFlags(input.flags ?? {})];
  const alone = await assembled(read, { ...assembly, overrides }, files);
  const main = await withRouteFiles(alone, assembly, files);
  const flows = await readFlows(main, input.shippedFlows, files);
  const demoOrigins = demos !== undefined && namesDemo(main) ? await demos() : null;
  const parts = { main, flows, lists, base: files.base, demoOrigins };
  const linked = await finishInSlices(linkSteps(parts, faults), files.pause);
  const seen = [...files.seen.values()];
  if (linked === null) return { ok: false, faults: inOrder(faults, input.file), seen };
  return { ok: true, ...linked, seen };
}

function namesDemo({ value }: Source): boolean {
  const { routes } = fieldsOf(value);
  if (!Array.isArray(routes)) return false;
  return routes.some((route) => {
    const { upstream } = fieldsOf(route);
    const url = isRecord(upstream) ? upstream.url : upstream;
    return typeof url === 'string' && url.startsWith('demo:');
  });
}

/** By file, the main file first, then by line. */
function inOrder(faults: readonly Fault[], main: string): readonly Fault[] {
  const rank = (fault: Fault): number => (fault.line === 0 ? 0 : fault.file === main ? 1 : 2);
  return [...faults].sort(
    (a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file) || a.line - b.line || a.col - b.col,
  );
}
