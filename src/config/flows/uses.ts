/** Flows that the main file relies on: they must be there and fit what they are used for. */
import { checkReturnTo, type Site } from '../../core/access/return-to.ts';
import type { RouteTable } from '../../core/access/route.ts';
import type { LinkedFlow } from './flow.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** Where a flow is named, and for what. */
export interface FlowUse {
  readonly name: string;
  readonly spot: Spot;
  /** `renewal`: to sign in again whoever is signed in. */
  readonly purpose: 'sign-in' | 'renewal' | 'remedy';
  /** Permissions that it must ask for; null: none. */
  readonly permissions: readonly string[] | null;
}

/** Linked flows by name; null stands for one whose file is there but faulty. */
export type Flows = ReadonlyMap<string, LinkedFlow | null>;

/** Notes faults for URLs that stages lead to and that are neither the portal's nor a route's. */
export function checkLeads(flows: Flows, site: Site, table: RouteTable): void {
  for (const linked of flows.values()) {
    for (const { url, spot } of linked?.leads ?? []) {
      if (checkReturnTo(url, site, table) !== null) continue;
      blame(spot, `leads to ${url}, which is neither the portal nor a route`);
    }
  }
}

/** Notes faults: signing in starts a session, a remedy takes one for granted. */
export function checkFlowUses(uses: readonly FlowUse[], flows: Flows, root: Spot): void {
  for (const { name, spot, purpose, permissions } of uses) {
    const linked = flows.get(name);
    if (linked === null) continue;
    if (linked === undefined) {
      const names = [...flows.keys()];
      const expected = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
      blame(spot, `there is no flow ${name}${expected}`, suggest(name, names));
      continue;
    }
    const { requires } = linked.flow;
    if (purpose === 'sign-in' && requires !== 'anyone' && requires !== 'anonymous') {
      blame(spot, `the flow ${name} requires a session, so nobody could sign in with it`);
    } else if (purpose === 'sign-in' && !linked.startsSession) {
      blame(spot, `the flow ${name} starts no session, so nobody could sign in with it`);
    } else if (purpose === 'renewal' && requires === 'anonymous') {
      const text = `the flow ${name} is for people without a session: nobody could sign in again by it`;
      blame(spot, text, null, 'key');
    } else if (purpose === 'remedy' && requires === 'link') {
      blame(spot, `the flow ${name} opens only from a link, so nobody could be sent to it`);
    } else if (purpose === 'remedy' && requires === 'anonymous') {
      blame(spot, `the flow ${name} is for people without a session, and a remedy needs one`);
    } else if (permissions !== null) {
      checkPermissions(name, permissions, flows, spot);
    }
  }
  if (!flows.has('logout') && flows.size > 0) {
    blame(below(root, 'flows'), 'there is no logout.yaml, and signing out runs the flow logout');
  }
}

/** What people never give there would be asked for again and again. */
function checkPermissions(name: string, wanted: readonly string[], flows: Flows, spot: Spot): void {
  const given = permissionsOf(name, flows);
  if (given === null) {
    blame(spot, `the flow ${name} keeps no consent: give it the stage consent, not mode: always`);
    return;
  }
  const lacking = wanted.filter((one) => !given.has(one));
  if (lacking.length === 0) return;
  const [named] = lacking as [string];
  const text = `the flow ${name} does not ask for ${lacking.join(', ')}; its consent asks for ${[...given].join(', ') || 'nothing by name'}`;
  blame(spot, text, suggest(named, given));
}

/** Permissions that are kept from a run, also of the flows it goes on to; null: none ever are. */
function permissionsOf(start: string, flows: Flows): ReadonlySet<string> | null {
  const seen = new Set([start]);
  const given: string[] = [];
  let keeps = false;
  for (const name of seen) {
    for (const { stage, config } of flows.get(name)?.flow.stages ?? []) {
      const kept = stage.permissions?.(config) ?? null;
      keeps ||= kept !== null;
      given.push(...(kept ?? []));
      for (const next of stage.jumpsTo?.(config) ?? []) seen.add(next);
    }
  }
  return keeps ? new Set(given) : null;
}
