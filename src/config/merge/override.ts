/**
 * Environment variables such as `DOORWARD_SESSION__IDLE=30m`, and flags. An unknown name is a fault
 * later, so that a typing error is noticed.
 */
import type { FaultPath } from '../faults/fault.ts';

/** A value that replaces the value of a file. */
export interface Override {
  /** Where the operator set it: `environment DOORWARD_…` or `--set …`. */
  readonly from: string;
  readonly by: 'environment' | 'flag';
  readonly path: FaultPath;
  readonly text: string;
  /** Whether `text` is the path of a file with the value. */
  readonly isFile: boolean;
}

const PREFIX = 'DOORWARD_';

/** Reserved names: the path of the configuration, and tests. */
const RESERVED = /^DOORWARD_(?:CONFIG|TEST(?:_[A-Z0-9_]+)?)$/;

/** Variables that Kubernetes sets in every pod for a Service named doorward or doorward-…; never options. */
const KUBERNETES =
  /^DOORWARD_(?:[A-Z0-9]+_)*?(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** The overrides in an environment, sorted by name; an option comes before the options below it. */
export function overridesIn(
  env: Readonly<Record<string, string | undefined>>,
): readonly Override[] {
  const overrides: Override[] = [];
  for (const name of Object.keys(env).sort()) {
    const text = env[name];
    if (text === undefined || !name.startsWith(PREFIX)) continue;
    if (RESERVED.test(name) || KUBERNETES.test(name)) continue;
    const words = name.slice(PREFIX.length).split('__');
    const isFile = words.length > 1 && words.at(-1) === 'FILE';
    const path = (isFile ? words.slice(0, -1) : words).map(partOf);
    overrides.push({ from: `environment ${name}`, by: 'environment', path, text, isFile });
  }
  return overrides.sort((a, b) => a.path.length - b.path.length);
}

/** The overrides in flags, whose names are dotted paths: `data_dir`, `admin.listen`. */
export function overridesFromFlags(flags: Readonly<Record<string, string>>): readonly Override[] {
  return Object.entries(flags).map(([name, text]) => ({
    from: `--set ${name}`,
    by: 'flag',
    path: name.split('.').map(partOf),
    text,
    isFile: false,
  }));
}

function partOf(word: string): string | number {
  return /^\d{1,5}$/.test(word) ? Number(word) : word.toLowerCase();
}
