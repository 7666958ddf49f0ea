/**
 * Ambiguous header names. A proxy copies the client's fields into its question, and the app receives
 * the same ones, so a name that the app could read as a field of the proxy's or as an identity field
 * is refused. Proxies write their own fields in the canonical spelling, which passes.
 */
import { foldHeader, type ReservedNames } from '../../core/access/identity.ts';
import {
  HOP_BY_HOP,
  isPlainName,
  OF_THE_MESSAGE,
  OVERRIDES,
  SET_FIELDS,
} from '../../core/access/request-fields.ts';

/** Canonical spelling, lower case, of the fields that proxies write, by their folded names. */
const CANONICAL: ReadonlyMap<string, string> = new Map(
  [
    ...HOP_BY_HOP,
    ...OF_THE_MESSAGE,
    ...SET_FIELDS,
    ...OVERRIDES,
    // Dialects describe the original request by these.
    'X-Forwarded-Method',
    'X-Forwarded-Uri',
    'Cookie',
  ].map((name) => [foldHeader(name), name.toLowerCase()]),
);

/** Whether an app could read the name as another field. */
export function isAmbiguous(identity: ReservedNames, name: string): boolean {
  if (!isPlainName(name)) return true;
  const folded = foldHeader(name);
  const lower = name.toLowerCase();
  const canonical = CANONICAL.get(folded);
  if (canonical !== undefined && canonical !== lower) return true;
  return identity.folded.has(folded) && !identity.lower.has(lower);
}
