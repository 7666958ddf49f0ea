/** A flow file linked: stages known, options parsed, gates compiled, order and safety proved. */
import { createHash } from 'node:crypto';
import type { Flow, StageBinding } from '../core/flow.ts';
import type { AnyStage, Claim } from '../core/stage.ts';
import { suggest } from './document.ts';
import { type FlowConfig, flowSchema, stageBindingSchema } from './flow-schema.ts';
import { breaches, type Lawful } from './flow-laws.ts';
import { frozen } from './freeze.ts';
import type { GateLinker } from './link-policies.ts';
import { parseAt } from './schema-faults.ts';
import { NAME } from './schema-types.ts';
import { below, blame, type Spot } from './spot.ts';

/** A linked flow and what others need to know of it. */
export interface LinkedFlow {
  readonly flow: Flow;
  /** Whether one of its stages starts a session. */
  readonly startsSession: boolean;
}

interface LinkedStage {
  readonly binding: StageBinding;
  readonly law: Lawful;
  readonly meaning: unknown;
  readonly spot: Spot;
}

/** The flow, or null once its faults have been noted. */
export function linkFlow(
  name: string,
  value: unknown,
  root: Spot,
  tools: { readonly stages: readonly AnyStage[]; readonly gates: GateLinker },
): LinkedFlow | null {
  const before = root.faults.length;
  if (!NAME.test(name)) {
    blame(root, 'a flow is called by its file: small letters, digits, - and _, then .yaml');
  }
  const parsed = parseAt(flowSchema, value, root);
  const config = parsed ?? stagesOnly(value);
  if (config === null) return null;
  if (config.requires === 'link') {
    blame(below(root, 'requires'), 'no stage of this version mails links');
  }
  const place = { prefix: `${name}.`, remedy: null };
  const gate = tools.gates.gate(config.policies, config.match, below(root, 'policies'), place);
  const ids = new Set<string>();
  const stages = config.stages.map((raw, index) =>
    linkStage(raw, below(root, 'stages', index), ids, name, tools),
  );
  if (stages.includes(null)) return null;
  const linked = stages as LinkedStage[];
  if (parsed !== null) proveOrder(config, linked);
  if (root.faults.length > before) return null;
  const flow: Flow = {
    name,
    title: config.title,
    designation: config.designation,
    requires: config.requires,
    gate: gate.gate,
    stages: linked.map((stage) => stage.binding),
    digest: digestOf(name, config, gate.meaning, linked),
  };
  return { flow, startsSession: linked.some((stage) => stage.law.gives.includes('session')) };
}

/** What can still be looked at of a flow whose head is faulty, so that all faults are told at once. */
function stagesOnly(value: unknown): FlowConfig | null {
  const stages = (value as { stages?: unknown } | null)?.stages;
  const rest = { title: '-', designation: 'authentication', stages };
  const result = flowSchema.safeParse(rest);
  return result.success ? result.data : null;
}

function linkStage(
  raw: Readonly<Record<string, unknown>>,
  spot: Spot,
  ids: Set<string>,
  flow: string,
  { stages, gates }: { readonly stages: readonly AnyStage[]; readonly gates: GateLinker },
): LinkedStage | null {
  const { type, id, policies, match, on_invalid, ...options } = raw;
  const given = Object.entries({ id, policies, match, on_invalid }).filter(([key]) => key in raw);
  const own = parseAt(stageBindingSchema, Object.fromEntries(given), spot);
  const stage = stages.find((one) => one.type === type);
  if (stage === undefined) {
    const types = stages.map((one) => one.type);
    const hint = typeof type === 'string' ? suggest(type, types) : null;
    const what = type === undefined ? 'missing' : 'no such stage';
    blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
    return null;
  }
  const config: unknown = parseAt(stage.config, options, spot);
  if (own === null || config === null) return null;
  const name = own.id ?? stage.type;
  if (ids.has(name)) {
    const remedy = own.id === undefined ? 'give this one an id of its own' : 'choose another';
    blame(below(spot, own.id === undefined ? 'type' : 'id'), `the id ${name} is taken; ${remedy}`);
  }
  ids.add(name);
  const place = { prefix: `${flow}.`, remedy: null };
  const gate = gates.gate(own.policies, own.match, below(spot, 'policies'), place);
  const claims = stage.claims(config);
  const binding: StageBinding = {
    id: name,
    stage,
    config: frozen(config),
    gate: gate.gate,
    onInvalid: own.on_invalid,
    at: `${flow}.stages[${String(spot.path.at(-1))}]`,
  };
  const law = { ...claims, skippable: own.policies.length > 0 };
  const meaning = [name, stage.type, config, gate.meaning, own.on_invalid];
  return { binding, law, meaning, spot };
}

const LACKS: Readonly<Record<Claim, string>> = {
  identified: 'who it is; put identification before it',
  verified: 'that somebody was verified; put a stage such as password before it',
  session: 'a session; say requires: session, or put user_login before it',
  owner: 'that it is themselves; say requires: fresh, or put a stage such as password before it',
};

function proveOrder(config: FlowConfig, stages: readonly LinkedStage[]): void {
  const laws = stages.map((stage) => stage.law);
  for (const { index, missing } of breaches(config.requires, laws)) {
    const { binding, spot } = stages[index] as LinkedStage;
    for (const claim of missing) {
      const text = `${binding.id} may be reached without knowing ${LACKS[claim]}`;
      blame(below(spot, 'type'), text + lostBy(claim, stages.slice(0, index)));
    }
  }
}

/** Why a stage that gives the claim, and stands before, does not count. */
function lostBy(claim: Claim, before: readonly LinkedStage[]): string {
  const giver = before.findLastIndex((stage) => stage.law.gives.includes(claim));
  const stage = before[giver];
  if (stage === undefined) return '';
  const { id } = stage.binding;
  if (stage.law.skippable) return `; ${id} does not count, since its policies may leave it out`;
  const later = before.slice(giver + 1).find((one) => one.law.gives.includes('identified'));
  return later === undefined ? '' : `; ${later.binding.id} asks anew who it is after ${id}`;
}

/** Titles are no part of what a flow means. */
function digestOf(
  name: string,
  config: FlowConfig,
  gate: unknown,
  stages: readonly LinkedStage[],
): string {
  const { designation, requires } = config;
  const meaning = [1, name, designation, requires, gate, stages.map((stage) => stage.meaning)];
  return createHash('sha256').update(canonicalJson(meaning)).digest('base64url');
}

/** JSON with sorted keys. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
