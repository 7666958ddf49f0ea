/** Checks flows that routes use: they must exist and suit their purpose. */
import { checkReturnTo, type Site } from '../../core/access/return-to.ts';
import type { RouteTable } from '../../core/routes/route.ts';
import type { LinkedFlow } from './flow.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** A use of a flow, and its purpose. */
export interface FlowUse {
  readonly name: string;
  readonly spot: Spot;
  /** `renewal`: signed-in users sign in again. `password`: a password alone stands for the flow. */
  readonly purpose: 'sign-in' | 'renewal' | 'remedy' | 'password';
  /** Permissions that the flow must ask for; null: none. */
  readonly permissions: readonly string[] | null;
}

/** Linked flows by name; null for a flow with faults. */
export type Flows = ReadonlyMap<string, LinkedFlow | null>;

/** Notes faults for URLs of stages that are neither on the portal nor on a route. */
export function checkLeads(flows: Flows, site: Site, table: RouteTable): void {
  for (const linked of flows.values()) {
    for (const { url, spot } of linked?.leads ?? []) {
      if (checkReturnTo(url, site, table) !== null) continue;
      blame(spot, `leads to ${url}, which is neither on the portal nor on a route`);
    }
  }
}

/** Notes faults: signing in must start a session, and a remedy needs one. */
export function checkFlowUses(uses: readonly FlowUse[], flows: Flows, root: Spot): void {
  for (const { name, spot, purpose, permissions } of uses) {
    const linked = flows.get(name);
    if (linked === null) continue;
    if (linked === undefined) {
      const names = [...flows.keys()];
      const expected = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
      blame(spot, `no such flow ${name}${expected}`, suggest(name, names));
      continue;
    }
    const { requires } = linked.flow;
    if (purpose === 'sign-in' && requires !== 'anyone' && requires !== 'anonymous') {
      blame(spot, `the flow ${name} requires a session, so users cannot sign in with it`);
    } else if (purpose === 'sign-in' && !linked.startsSession) {
      blame(spot, `the flow ${name} starts no session, so users cannot sign in with it`);
    } else if (purpose === 'renewal' && requires === 'anonymous') {
      const text = `the flow ${name} requires anonymous, so signed-in users cannot sign in again with it`;
      blame(spot, text, null, 'key');
    } else if (purpose === 'remedy' && (requires === 'link' || requires === 'source')) {
      blame(spot, `the flow ${name} starts only from a ${requires}, so users cannot be sent to it`);
    } else if (purpose === 'remedy' && requires === 'anonymous') {
      blame(spot, `the flow ${name} requires anonymous, but a remedy runs with a session`);
    } else if (purpose === 'password') {
      checkReplaced(linked.flow, spot);
    } else if (permissions !== null) {
      checkPermissions(name, permissions, flows, spot);
    }
  }
  if (!flows.has('logout') && flows.size > 0) {
    blame(below(root, 'flows'), 'missing logout.yaml: signing out runs the flow logout');
  }
}

/** Stages that ask for no more than a name and a password. */
const ORDINARY: ReadonlySet<string> = new Set(['identification', 'password', 'user_login']);

/** A program runs no flow: what the flow asks for beyond a password would be left out. */
function checkReplaced({ name, policies, stages }: LinkedFlow['flow'], spot: Spot): void {
  const more = stages.find(
    ({ stage, config }) =>
      stage.type === 'deny' ||
      (!ORDINARY.has(stage.type) && stage.claims(config).gives.includes('verified')),
  );
  const what = policies.bindings.length > 0 ? 'has policies' : `has the stage ${more?.id}`;
  if (more === undefined && policies.bindings.length === 0) return;
  blame(
    spot,
    `the flow ${name} ${what}, which a password alone would leave out; use a flow without it, or tokens`,
    null,
    'key',
  );
}

/** Users would be asked again and again for a permission that the flow never asks for. */
function checkPermissions(name: string, wanted: readonly string[], flows: Flows, spot: Spot): void {
  const given = permissionsOf(name, flows);
  if (given === null) {
    blame(
      spot,
      `the flow ${name} stores no consent; add the stage consent with mode: once or mode: expires`,
    );
    return;
  }
  const lacking = wanted.filter((one) => !given.has(one));
  const [named] = lacking;
  if (named === undefined) return;
  const text = `the flow ${name} does not ask for ${lacking.join(', ')}; its consent asks for ${[...given].join(', ') || 'no named permission'}`;
  blame(spot, text, suggest(named, given));
}

/** Permissions that a run stores, also in the flows it leads to; null: it never stores any. */
function permissionsOf(start: string, flows: Flows): ReadonlySet<string> | null {
  const seen = new Set([start]);
  const given: string[] = [];
  let keeps = false;
  for (const name of seen) {
    for (const { stage, config } of flows.get(name)?.flow.stages ?? []) {
      const kept = stage.assures?.permissions?.(config) ?? null;
      keeps ||= kept !== null;
      given.push(...(kept ?? []));
      for (const next of stage.leads?.flows?.(config) ?? []) seen.add(next);
    }
  }
  return keeps ? new Set(given) : null;
}
