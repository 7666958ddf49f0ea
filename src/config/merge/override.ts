/**
 * `DOORWARD_SESSION__IDLE=30m` and its like: which option an environment variable means.
 * A name that means nothing is a fault, so that a typing error never goes unnoticed.
 */
import type { FaultPath } from '../faults/fault.ts';

/** A value that takes the place of what the file says. */
export interface Override {
  /** How the operator said it: `environment DOORWARD_…` or `--set …`. */
  readonly from: string;
  readonly by: 'environment' | 'flag';
  readonly path: FaultPath;
  readonly text: string;
  /** Whether `text` is the path of a file that holds the value. */
  readonly isFile: boolean;
}

const PREFIX = 'DOORWARD_';

/** Names that mean something else: the configuration itself, and tests. */
const RESERVED = /^DOORWARD_(?:CONFIG|TEST(?:_[A-Z0-9_]+)?)$/;

/** What Kubernetes sets in every pod for a Service named doorward or doorward-…: never an option. */
const KUBERNETES =
  /^DOORWARD_(?:[A-Z0-9]+_)*?(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** The overrides in an environment, in order of their names; parents before what lies below them. */
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

/** Overrides from flags, whose names are paths with dots: `data_dir`, `admin.listen`. */
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
