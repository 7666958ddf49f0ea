/**
 * Fills `${env:X}` and `${file:P}` in values; `$${` is a literal `${`. An inserted value is never
 * searched for further references, and never appears in a fault.
 */
import type { FaultPath } from '../faults/fault.ts';
import type { Reading } from '../parse/disk.ts';
import type { Tree } from '../faults/source.ts';
import { suggest } from '../faults/suggestion.ts';

/** Largest file that is inserted, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024;
/** Most references in one configuration. */
const MAX_REFERENCES = 1000;
/** Texts between two pauses. */
const TEXTS = 500;

/** What references have access to. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file that a reference names, and records it as part of the configuration. */
  readonly read: (path: string, maxBytes: number) => Promise<Reading>;
  /** Called at regular intervals, so that the process can do other work. */
  readonly pause?: () => Promise<unknown>;
}

/** A value with its references filled. */
export interface Filled {
  readonly path: FaultPath;
  readonly text: string;
  /** Whether the value is a single file reference, whose lines may be a list. */
  readonly isFile: boolean;
}

/** A reference that cannot be filled. */
export interface BadReference {
  readonly path: FaultPath;
  readonly message: string;
  readonly suggestion: string | null;
}

const REFERENCE = /\$(\$\{)|\$\{([^{}]*)\}|\$\{/g;

/** The texts below `root` that contain references, filled. Does not change the tree. */
export async function fill(
  root: Tree,
  around: Surroundings,
): Promise<{ readonly filled: readonly Filled[]; readonly bad: readonly BadReference[] }> {
  const filled: Filled[] = [];
  const bad: BadReference[] = [];
  let references = 0;
  let texts = 0;
  for (const [path, text] of textsOf(root, [])) {
    texts += 1;
    if (texts % TEXTS === 0) await around.pause?.();
    if (!text.includes('${')) continue;
    references += 1;
    if (references > MAX_REFERENCES) {
      bad.push({
        path,
        message: `expected at most ${MAX_REFERENCES} references`,
        suggestion: null,
      });
      break;
    }
    const result = await fillText(text, around);
    if ('message' in result) bad.push({ path, ...result });
    else filled.push({ path, ...result });
  }
  return { filled, bad };
}

/** One text with its references filled, or why that fails. */
export async function fillText(
  text: string,
  around: Surroundings,
): Promise<{ text: string; isFile: boolean } | { message: string; suggestion: string | null }> {
  const pieces: string[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    pieces.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[1] !== undefined) {
      pieces.push(match[1]);
      continue;
    }
    const value = await lookUp(match[2] ?? '', around);
    if (typeof value !== 'string') return value;
    pieces.push(value);
  }
  pieces.push(text.slice(end));
  return { text: pieces.join(''), isFile: /^\s*\$\{file:[^{}]*\}\s*$/.test(text) };
}

async function lookUp(
  reference: string,
  around: Surroundings,
): Promise<string | { message: string; suggestion: string | null }> {
  const colon = reference.indexOf(':');
  const kind = colon < 0 ? '' : reference.slice(0, colon).trim();
  const operand = colon < 0 ? '' : reference.slice(colon + 1).trim();
  if (kind === 'env' && operand !== '') {
    const value = Object.hasOwn(around.env, operand) ? around.env[operand] : undefined;
    if (value !== undefined) return value;
    const suggestion = suggest(operand, Object.keys(around.env));
    return { message: `the environment variable ${operand} is not set`, suggestion };
  }
  if (kind === 'file' && operand !== '') {
    const reading = await around.read(operand, MAX_FILE_BYTES);
    if ('text' in reading) return reading.text.trim();
    return { message: `cannot read ${operand}: ${reading.failed}`, suggestion: null };
  }
  const bare = colon < 0 && /^\w+$/.test(reference) ? `\${env:${reference}}` : null;
  const message = `expected \${env:NAME} or \${file:PATH}; $$\{ is a literal $\{`;
  return { message, suggestion: bare };
}

function* textsOf(value: Tree, path: FaultPath): Generator<[FaultPath, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsOf(item, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* textsOf(item, [...path, key]);
  }
}
