/** A digest of the meaning of a flow. Runs that began under another digest start over. */
import { createHash } from 'node:crypto';
import type { FlowConfig } from '../schema/flow-schema.ts';

/** The digest. Titles and texts are not part of it. */
export function flowDigest(
  name: string,
  config: FlowConfig,
  gate: unknown,
  stages: readonly unknown[],
): string {
  const { designation, requires } = config;
  const meaning = [1, name, designation, requires, gate, stages];
  return createHash('sha256').update(canonicalJson(meaning)).digest('base64url');
}

/** JSON with sorted keys. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
