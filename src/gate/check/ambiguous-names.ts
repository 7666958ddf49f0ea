/**
 * Header names in a check. A proxy copies the client's fields into its question, and the app receives
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
import { nameAt, pairCount } from '../../core/request/header-pairs.ts';

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

/** Names remembered for each identity configuration: a client may invent no more than this many. */
const REMEMBERED = 512;

const passing = new WeakMap<ReservedNames, Set<string>>();

/** The first name of a raw list that an app could read as another field, as sent, or null. */
export function findAmbiguousName(identity: ReservedNames, raw: readonly string[]): string | null {
  let known = passing.get(identity);
  if (known === undefined) {
    known = new Set();
    passing.set(identity, known);
  }
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i);
    if (known.has(name)) continue;
    if (isAmbiguous(identity, name)) return name;
    if (known.size >= REMEMBERED) known.clear();
    if (name.length <= 64) known.add(name);
  }
  return null;
}

function isAmbiguous(identity: ReservedNames, name: string): boolean {
  if (!isPlainName(name)) return true;
  const folded = foldHeader(name);
  const lower = name.toLowerCase();
  const canonical = CANONICAL.get(folded);
  if (canonical !== undefined && canonical !== lower) return true;
  return identity.folded.has(folded) && !identity.lower.has(lower);
}
