/** Links `sources`: the providers to open at the start, and the rules that a reload can change. */
import { resolve } from 'node:path';
import type { SourceRule, UnknownAccount } from '../../core/sources/source-rule.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import type { LinkedFlow } from '../flows/flow.ts';
import type { Flows } from '../flows/uses.ts';
import type { PolicyLinker } from '../policies/policies.ts';
import type { Config } from '../schema/schema.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { sourceSchema } from '../schema/options/source-schema.ts';
import { frozen } from '../settings/freeze.ts';
import type { Settings } from '../settings/settings.ts';
import type { LinkInput } from './input.ts';

/** The linked sources, in the order of the file. */
export interface LinkedSources {
  readonly settings: Settings['sources'];
  readonly rules: ReadonlyMap<string, SourceRule>;
  /** All names, also of sources with faults. */
  readonly names: readonly string[];
}

/** What linking needs. */
interface SourceTools extends Pick<LinkInput, 'lists' | 'base'> {
  readonly policies: PolicyLinker;
  /** Whether a directory can be written. */
  readonly isWritable: boolean;
  /** The flows that users can run. */
  readonly flows: Flows;
}

/** Most sources. */
const MOST = 16;

/** Links all of them. Paths in `ca` and `key` become absolute. */
export function linkSources(
  given: Config['sources'],
  tools: SourceTools,
  root: Spot,
): LinkedSources {
  const names = Object.keys(given);
  const settings: Settings['sources'][number][] = [];
  const rules = new Map<string, SourceRule>();
  if (names.length > MOST) blame(below(root, 'sources'), `expected at most ${MOST} sources`);
  for (const [name, raw] of Object.entries(given)) {
    const spot = below(root, 'sources', name);
    const { own, rest } = split(raw);
    const setting = linkKind(name, rest, tools, spot);
    const rule = linkRule(name, own, tools, spot);
    if (rule?.signOut === true && setting?.kind.signsOut === false) {
      const { type } = setting.kind;
      blame(below(spot, 'sign_out'), `providers of type ${type} offer no sign-out; remove it`);
    }
    if (setting !== null) settings.push(setting);
    if (rule !== null) rules.set(name, rule);
  }
  return { settings: frozen(settings), rules, names };
}

type Raw = Readonly<Record<string, unknown>>;

/** The options of every source, and those of its kind. */
function split(raw: Raw): { readonly own: Raw; readonly rest: Raw } {
  const keys = Object.keys(sourceSchema.shape);
  const entries = Object.entries(raw);
  return {
    own: Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
    rest: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
  };
}

function linkKind(
  name: string,
  { type, ...options }: Raw,
  { lists, base }: SourceTools,
  spot: Spot,
): Settings['sources'][number] | null {
  const kind = lists.sources.find((one) => one.type === type);
  if (kind === undefined) {
    const types = lists.sources.map((one) => one.type);
    const hint = typeof type === 'string' ? suggest(type, types) : null;
    const what = type === undefined ? 'missing' : 'no such source';
    blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
    return null;
  }
  const parsed: unknown = parseAt(kind.config, { ...options, ...absolute(options, base) }, spot);
  return parsed === null ? null : { name, kind, options: parsed };
}

function absolute(options: Raw, base: string): Raw {
  const paths = ['ca', 'key'].flatMap((key) => {
    const path = options[key];
    return typeof path === 'string' ? [[key, resolve(base, path)]] : [];
  });
  return Object.fromEntries(paths);
}

function linkRule(name: string, own: Raw, tools: SourceTools, spot: Spot): SourceRule | null {
  const parsed = parseAt(sourceSchema, own, spot);
  if (parsed === null) return null;
  const {
    title = null,
    mark = null,
    admit,
    unknown,
    link,
    groups,
    second_factor: secondFactor,
    recheck = null,
    sign_out: signOut,
  } = parsed;
  const context = { prefix: '', remedy: 'otherwise works only on routes' };
  const unknownKind = unknownAccount(unknown, tools, below(spot, 'unknown'));
  const linked = tools.policies.link(admit, 'all', below(spot, 'admit'), context);
  if (linked.gate.bindings.length < admit.length) return null;
  return {
    name,
    title,
    mark,
    admit: linked.gate,
    unknown: unknownKind,
    link,
    groups:
      groups === undefined
        ? null
        : {
            claim: groups.claim?.split('.') ?? null,
            map: new Map(Object.entries(groups.map)),
            only: new Set(groups.only),
          },
    secondFactor,
    recheck,
    signOut,
  };
}

function unknownAccount(
  unknown: string,
  { isWritable, flows }: SourceTools,
  spot: Spot,
): UnknownAccount {
  if (unknown === 'refuse') return { kind: 'refuse' };
  const linked = flows.get(unknown);
  if (unknown === 'create' || isForSources(linked)) {
    if (isWritable)
      return unknown === 'create' ? { kind: 'create' } : { kind: 'flow', flow: unknown };
    const text = `${unknown} needs a directory that can be written; add one of type embedded`;
    blame(spot, text);
  } else if (linked === undefined) {
    const names = [...flows].flatMap(([name, one]) => (isForSources(one) ? [name] : []));
    const expected = ['refuse', 'create', ...names];
    const text = `no such flow ${unknown}, expected ${expected.join(', ')} or a flow with requires: source`;
    blame(spot, text, suggest(unknown, expected));
  } else if (linked !== null) {
    const text = `the flow ${unknown} does not have requires: source, so it cannot create the user of an account at a source`;
    blame(spot, text);
  }
  return { kind: 'refuse' };
}

function isForSources(linked: LinkedFlow | null | undefined): boolean {
  return linked?.flow.requires === 'source';
}
