/**
 * Header names in a check. A name that makes two questions of one, or that an app could read as
 * another field, is refused rather than interpreted. A proxy sends the same few names with every
 * check, so those that pass are looked at once.
 */
import type { ReservedNames } from '../../core/access/identity.ts';
import type { Dialect } from '../../core/request/dialect.ts';
import { nameAt, pairCount } from '../../core/request/header-pairs.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import { isAmbiguous } from './ambiguous-names.ts';
import { ambiguousName, foreignHeader } from './check-refusals.ts';

/** The refusal of the first unfit name in a raw list, or null. */
export type RefuseNames = (identity: ReservedNames, raw: readonly string[]) => Refusal | null;

/** Names remembered for each identity configuration: a client may invent no more than this many. */
const REMEMBERED = 512;

/** Refuses ambiguous names, and those by which only other dialects describe the original request. */
export function refuseNamesIn(dialect: Dialect, all: readonly Dialect[]): RefuseNames {
  const own = new Set(dialect.speaks);
  const foreign = new Set(all.flatMap(({ speaks }) => speaks).filter((name) => !own.has(name)));
  const passing = new WeakMap<ReservedNames, Set<string>>();
  return (identity, raw) => {
    let known = passing.get(identity);
    if (known === undefined) {
      known = new Set();
      passing.set(identity, known);
    }
    for (let i = 0; i < pairCount(raw); i += 1) {
      const name = nameAt(raw, i);
      if (known.has(name)) continue;
      if (isAmbiguous(identity, name)) return ambiguousName(name);
      const lower = name.toLowerCase();
      if (foreign.has(lower)) return foreignHeader(lower, dialect.name);
      if (known.size >= REMEMBERED) known.clear();
      if (name.length <= 64) known.add(name);
    }
    return null;
  };
}
