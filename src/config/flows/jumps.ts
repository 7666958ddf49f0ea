/** Checks flows that lead to other flows: the others must exist, and must not form a cycle. */
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { Flows } from './uses.ts';
import type { LinkedFlow } from './flow.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** A step from one flow to another. */
interface Jump {
  readonly to: string;
  /** Whether every run that reaches the stage takes it. */
  readonly isAlways: boolean;
  readonly spot: Spot;
}

/** Notes faults. `site` is null if it has faults itself; full URLs are then not checked. */
export function checkFlowJumps(flows: Flows, site: Site | null): void {
  const always = new Map<string, Jump>();
  for (const [name, linked] of flows) {
    for (const jump of linked === null ? [] : jumpsOf(linked, site)) {
      if (!flows.has(jump.to)) blameUnknown(jump, flows);
      else if (jump.isAlways && !always.has(name)) always.set(name, jump);
    }
  }
  const seen = new Set<string>();
  for (const start of always.keys()) {
    const way: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      way.push(at);
      at = always.get(at)?.to;
    }
    const from = at === undefined ? -1 : way.indexOf(at);
    if (from >= 0) blameCircle(way.slice(from), always);
  }
}

function jumpsOf({ flow, spots }: LinkedFlow, site: Site | null): readonly Jump[] {
  return flow.stages.flatMap((binding, index) => {
    const spot = spots[index];
    if (spot === undefined) return [];
    const isAlways = binding.stage.leads?.isEnd === true && binding.policies.bindings.length === 0;
    return [
      ...namesOf(binding).map((to) => ({ to, isAlways, spot: below(spot, 'flow') })),
      ...urlsOf(binding, site).map((to) => ({ to, isAlways, spot: below(spot, 'to') })),
    ];
  });
}

function namesOf({ stage, config }: StageBinding): readonly Flow['name'][] {
  return stage.leads?.flows?.(config) ?? [];
}

/** Flows that are named by their full URL. */
function urlsOf({ stage, config }: StageBinding, site: Site | null): readonly Flow['name'][] {
  const prefix = `${site?.origin ?? ''}/flow/`;
  return (stage.leads?.urls?.(config) ?? []).flatMap((url) => {
    const name = site !== null && url.startsWith(prefix) ? url.slice(prefix.length) : '';
    const [path = ''] = name.split('?', 1);
    return /^[a-z0-9_-]+$/.test(path) ? [path] : [];
  });
}

function blameUnknown({ to, spot }: Jump, flows: Flows): void {
  const names = [...flows.keys()];
  blame(spot, `no such flow ${to}, expected one of ${names.join(', ')}`, suggest(to, names));
}

function blameCircle(way: readonly string[], jumps: ReadonlyMap<string, Jump>): void {
  const [first = ''] = way;
  const jump = jumps.get(first);
  if (jump === undefined) return;
  const text = `circular reference: ${[...way, first].join(' → ')}; remove one redirect, or add policies to it`;
  blame(jump.spot, text);
}
