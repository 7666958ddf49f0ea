/**
 * Fills the references of a file and lays environment variables and flags over it. Each text becomes
 * the kind of value that its option has. Precedence: flag, environment, file, default.
 */
import type { z } from 'zod';
import { coerce } from './coercion.ts';
import { type Fault, type FaultPath, formatPath } from '../faults/fault.ts';
import { fill, fillText, MAX_FILE_BYTES, type Surroundings } from './interpolation.ts';
import type { Override } from './override.ts';
import { unknownKey } from '../schema/schema-faults.ts';
import { keysOf, type Slots, schemasAt } from '../schema/schema-walk.ts';
import { withValue } from '../parse/tree.ts';
import type { Source, Tree } from '../faults/source.ts';
import { suggest } from '../faults/suggestion.ts';

/** What a file is assembled from. */
export interface Assembly {
  readonly schema: z.ZodType;
  readonly slots: Slots;
  readonly overrides: readonly Override[];
  readonly around: Surroundings;
}

/** The source with its final value. Faults about an override name the override. */
export async function assemble(
  source: Source,
  assembly: Assembly,
): Promise<{ readonly source: Source; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const laid: Override[] = [];
  const { filled, bad } = await fill(source.value, assembly.around);
  faults.push(...bad.map((b) => source.fault(b.path, b.message, b.suggestion)));
  let value = source.value;
  for (const { path, text, isFile } of filled) {
    const wanted = schemasAt(assembly.schema, value, path, assembly.slots);
    const kind = coerce(text, wanted, isFile ? 'lines' : 'commas');
    value = withValue(value, path, kind) ?? value;
  }
  for (const override of assembly.overrides) {
    const result = await lay(override, value ?? {}, assembly, assembly.overrides);
    if ('message' in result) {
      faults.push(overrideFault(override, override.path, result.message, result.suggestion));
    } else {
      value = result.value;
      laid.push(override);
    }
  }
  return { source: { ...source, value, ...blaming(source, laid) }, faults };
}

type Laid = { value: Tree } | { message: string; suggestion: string | null };

async function lay(
  override: Override,
  value: Tree,
  assembly: Assembly,
  all: readonly Override[],
): Promise<Laid> {
  const around = outlook(override, value, all);
  const wanted = schemasAt(assembly.schema, around, override.path, assembly.slots);
  if (wanted.length === 0) return unknown(override, around, assembly);
  const isTwin = (o: Override) =>
    o.by === 'environment' && o.isFile !== override.isFile && samePath(o.path, override.path);
  if (override.by === 'environment' && all.some(isTwin)) {
    return { message: 'is set both directly and with __FILE; keep one of them', suggestion: null };
  }
  const content = await contentOf(override, assembly.around);
  if ('message' in content) return content;
  const kind = coerce(content.text, wanted, content.isFile ? 'lines' : 'commas');
  const next = withValue(value, override.path, kind);
  if (next === null) {
    const message = 'no such list item: items count from 0 without gaps';
    return { message, suggestion: null };
  }
  return { value: next };
}

/**
 * The value around an override once all overrides are applied: it decides which plug-in is meant.
 * The value that the override replaces does not count: `embedded` may become a map.
 */
function outlook(override: Override, value: Tree, all: readonly Override[]): Tree {
  let around = withValue(value, override.path, null) ?? value;
  for (const { path, isFile, text } of all.slice(all.indexOf(override) + 1)) {
    around = withValue(around, path, isFile ? null : text) ?? around;
  }
  return around;
}

async function contentOf(override: Override, around: Surroundings) {
  if (!override.isFile) return fillText(override.text, around);
  const reading = await around.read(override.text, MAX_FILE_BYTES);
  if ('text' in reading) return { text: reading.text.trim(), isFile: true };
  return { message: `cannot read ${override.text}: ${reading.failed}`, suggestion: null };
}

/** The fault of an unknown path: the first unknown key, and what was probably meant. */
function unknown(override: Override, value: Tree, assembly: Assembly): Laid {
  const { path, by } = override;
  for (let depth = 0; depth < path.length; depth += 1) {
    const parent = path.slice(0, depth);
    if (schemasAt(assembly.schema, value, path.slice(0, depth + 1), assembly.slots).length > 0)
      continue;
    const keys = keysOf(schemasAt(assembly.schema, value, parent, assembly.slots));
    const meant = suggest(String(path[depth]), keys);
    if (meant === null) return { message: `no such option; ${unknownKey(keys)}`, suggestion: null };
    const whole = [...parent, meant.slice(1, -1), ...path.slice(depth + 1)];
    const suggestion =
      by === 'environment'
        ? `DOORWARD_${whole.join('__').toUpperCase()}${override.isFile ? '__FILE' : ''}`
        : whole.join('.');
    return { message: 'no such option', suggestion };
  }
  return { message: 'no such option', suggestion: null };
}

function samePath(a: FaultPath, b: FaultPath): boolean {
  return formatPath(a) === formatPath(b);
}

/** Faults and locations of a value from an override name the override. */
function blaming(source: Source, laid: readonly Override[]): Pick<Source, 'fault' | 'location'> {
  const originOf = (path: FaultPath): Override | undefined =>
    laid.findLast((o) => o.path.every((part, i) => path[i] === part));
  return {
    fault(path, message, suggestion = null, aim = 'value') {
      const origin = originOf(path);
      if (origin === undefined) return source.fault(path, message, suggestion, aim);
      return overrideFault(origin, path, message, suggestion);
    },
    location(path) {
      const origin = originOf(path);
      return origin === undefined ? source.location(path) : { file: origin.from, line: 0, col: 0 };
    },
  };
}

function overrideFault(
  override: Override,
  path: FaultPath,
  message: string,
  suggestion: string | null,
): Fault {
  const place = { file: override.from, line: 0, col: 0, source: null };
  return { ...place, path: formatPath(path), message, suggestion };
}
