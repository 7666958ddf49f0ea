/**
 * Finds the schema of a path. Values from the environment and from references arrive as text and
 * need the kind of their option; faults need its known keys.
 */
import type { z } from 'zod';
import type { FaultPath } from '../faults/fault.ts';
import { isRecord } from '../../core/values/record.ts';

/** The schemas of a path whose own schema is open, such as the options of a plug-in; empty for none. */
export type Slots = (path: FaultPath, value: unknown) => readonly z.ZodType[];

/** The plain schemas that may describe the value at a path; empty for an unknown path. */
export function schemasAt(
  root: z.ZodType,
  value: unknown,
  path: FaultPath,
  slots: Slots,
): readonly z.ZodType[] {
  let found = plainSchemas(root);
  let here = value;
  for (const [depth, part] of path.entries()) {
    here = childOf(here, part);
    const slotted = slots(path.slice(0, depth + 1), here);
    found =
      slotted.length > 0 ? slotted.flatMap(plainSchemas) : found.flatMap((s) => step(s, part));
  }
  return found;
}

/** The keys of an object with one of these schemas. */
export function keysOf(schemas: readonly z.ZodType[]): readonly string[] {
  return schemas.flatMap(plainSchemas).flatMap((s) => Object.keys(shapeOf(s) ?? {}));
}

/** The description of a key in the first of these schemas that has one. */
export function descriptionOf(
  schemas: readonly z.ZodType[],
  key: PropertyKey | undefined,
): string | null {
  for (const schema of schemas.flatMap(plainSchemas)) {
    const child = shapeOf(schema)?.[String(key)];
    if (child?.description !== undefined) return child.description;
  }
  return null;
}

/** Whether one of the schemas is of this kind. */
export function hasKind(schemas: readonly z.ZodType[], kind: Def['type']): boolean {
  return schemas.some((schema) => defOf(schema).type === kind);
}

/** The schemas inside unions, defaults, transforms and other wrappers. */
function plainSchemas(schema: z.ZodType): readonly z.ZodType[] {
  const def = defOf(schema);
  if (def.options !== undefined) return def.options.flatMap(plainSchemas);
  const inner = def.innerType ?? def.in ?? def.getter?.();
  return inner === undefined ? [schema] : plainSchemas(inner);
}

/** The part of zod's definitions that a walk needs. */
interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

function defOf(schema: z.ZodType): Def {
  return schema.def;
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | null {
  return defOf(schema).shape ?? null;
}

function step(schema: z.ZodType, part: string | number): readonly z.ZodType[] {
  const def = defOf(schema);
  if (typeof part === 'number') return def.element === undefined ? [] : plainSchemas(def.element);
  const shape = shapeOf(schema);
  const child = shape !== null && Object.hasOwn(shape, part) ? shape[part] : def.valueType;
  return child === undefined ? [] : plainSchemas(child);
}

/** The value one step down, if there is one. */
export function childOf(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined;
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}
