/** The open sources with the rules in force: a reload changes rules, but opens no source. */
import type { Live } from '../../core/setup/snapshot.ts';
import type { ConfiguredSource, Sources } from '../../core/sources/source-rule.ts';
import type { Source } from '../../core/sources/source.ts';

/** A source without a rule in force, and a rule whose source is not open yet, are left out. */
export function liveSources(live: Live, opened: readonly Source[]): Sources {
  const byName = new Map(opened.map((source) => [source.name, source]));
  const find = (name: string): ConfiguredSource | null => {
    const [source, rule] = [byName.get(name), live.current.sources.get(name)];
    return source === undefined || rule === undefined ? null : { source, rule };
  };
  return {
    list: () => [...live.current.sources.keys()].map(find).filter((found) => found !== null),
    find,
  };
}
