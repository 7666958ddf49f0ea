/** Checks what stages need from the rest of the configuration: flows they link to, directories, a geo database. */
import type { Flows } from './uses.ts';
import type { LinkedFlow } from './flow.ts';
import type { Settings } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** What the configuration provides. */
export interface Supply {
  /** All flows, also those left out without a mailer or `sign_up`: a link to one of them is not shown. */
  readonly flows: Flows;
  /** Names of sources. */
  readonly sources: readonly string[];
  /** Null: the directories have faults themselves. */
  readonly directories: readonly string[] | null;
  /** Whether the countries of addresses are known. */
  readonly hasPlaces: boolean;
}

/** Notes faults, each at its option. */
export function checkFlowNeeds(flows: Flows, supply: Supply): void {
  for (const linked of flows.values()) {
    for (const [index, { stage, config }] of (linked?.flow.stages ?? []).entries()) {
      const spot = linked?.spots[index];
      if (linked === null || spot === undefined) continue;
      for (const { flow, option } of stage.leads?.links?.(config) ?? []) {
        checkLink(flow, linked, supply.flows, below(spot, option));
      }
      const { names = [], option: list = '' } = stage.leads?.sources?.(config) ?? {};
      if (names !== 'all') checkSources(names, supply.sources, below(spot, list));
      const needed = stage.needs?.directories?.(config) ?? null;
      if (needed !== null) checkNames(needed.names, supply.directories, below(spot, needed.option));
      const option = stage.needs?.places?.(config) ?? null;
      if (option !== null && !supply.hasPlaces) {
        blame(below(spot, option), `${option}: geo needs signals.geo in the main file`);
      }
    }
  }
}

/** The names of directories, which begin the ids of their users: the option `name`, or the type. */
export function directoryNames(directories: Settings['directories']): readonly string[] {
  return directories.map(({ kind, options }) => {
    const { name } = fieldsOf(options);
    return typeof name === 'string' ? name : kind.type;
  });
}

function checkLink(to: string, from: LinkedFlow, flows: Flows, spot: Spot): void {
  const target = flows.get(to);
  if (target === undefined) {
    const names = [...flows.keys()];
    blame(spot, `no such flow ${to}, expected one of ${names.join(', ')}`, suggest(to, names));
    return;
  }
  const requires = target?.flow.requires;
  const { requires: own } = from.flow;
  const isForStrangers = own === 'anyone' || own === 'anonymous' || own === 'link';
  if (requires === 'link') {
    blame(
      spot,
      `the flow ${to} starts only from a mailed link, so a link on a page cannot open it`,
    );
  } else if (requires === 'source') {
    blame(spot, `the flow ${to} starts only after a visit to a source, so a link cannot open it`);
  } else if (isForStrangers && (requires === 'session' || requires === 'fresh')) {
    blame(spot, `the flow ${to} requires a session, but users of this flow are not signed in yet`);
  }
}

/** `spot`: an option with one name, or with a list. */
function checkSources(names: readonly string[], known: readonly string[], spot: Spot): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    const expected =
      known.length === 0 ? 'the main file has no sources' : `expected ${known.join(', ')}`;
    blame(spot, `no such source ${name}, ${expected}`, suggest(name, known));
  }
}

function checkNames(names: readonly string[], known: readonly string[] | null, spot: Spot): void {
  for (const [index, name] of names.entries()) {
    if (known === null || known.includes(name)) continue;
    const expected = `no such directory ${name}, expected ${known.join(', ')}`;
    blame(below(spot, index), expected, suggest(name, known));
  }
}
