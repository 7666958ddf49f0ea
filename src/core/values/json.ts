/** Plain JSON values: the only content of plans, stores and submissions. */
import { isRecord } from './record.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Whether a parsed value consists of JSON values. Infinite numbers, which YAML has, count as
 * numbers.
 */
export function isJson(value: unknown): value is Json {
  if (Array.isArray(value)) return value.every(isJson);
  if (isRecord(value)) return Object.values(value).every(isJson);
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}
