/** A flow file linked: stages known, options parsed, gates compiled, order and safety proved. */
import type { FlowExpectation } from '../../core/setup/expectation.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import type { Texts } from '../../core/values/message.ts';
import { type Gate, OPEN_GATE } from '../../core/access/policy.ts';
import type { AnyStage, Claim, Insertion } from '../../core/flow/stage.ts';
import { flowDigest } from './digest.ts';
import { type FlowConfig, flowSchema, stageBindingSchema } from '../schema/flow-schema.ts';
import { linkFlowTexts } from './texts.ts';
import { breaches, type Inserted, type Lawful, unreachable } from './laws.ts';
import { frozen } from '../settings/freeze.ts';
import { type ExpectationTools, linkFlowTests } from './expectations.ts';
import type { GateLinker, GatePlace } from '../policies/policies.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { NAME } from '../../schema/names.ts';

/** A linked flow and what others need to know of it. */
export interface LinkedFlow {
  readonly flow: Flow;
  /** Whether one of its stages starts a session. */
  readonly startsSession: boolean;
  /** URLs its stages lead to, to be compared with the routes. */
  readonly leads: readonly { readonly url: string; readonly spot: Spot }[];
  /** Where its stages stand in the file, in order. */
  readonly spots: readonly Spot[];
  readonly tests: readonly FlowExpectation[];
}

/** What a flow is linked with. */
interface FlowTools extends ExpectationTools {
  readonly stages: readonly AnyStage[];
  readonly gates: GateLinker;
  /** The flow engine's own. */
  readonly texts: Texts;
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
  tools: FlowTools,
): LinkedFlow | null {
  const before = root.faults.length;
  if (!NAME.test(name)) {
    blame(root, 'a flow is called by its file: small letters, digits, - and _, then .yaml');
  }
  const parsed = parseAt(flowSchema, value, root);
  const config = parsed ?? stagesOnly(value);
  if (config === null) return null;
  const place = { prefix: `${name}.`, remedy: ON_ROUTES };
  const gate = tools.gates.gate(config.policies, config.match, below(root, 'policies'), place);
  const ids = new Set<string>();
  const stages = config.stages.map((raw, index) =>
    linkStage(raw, below(root, 'stages', index), ids, name, tools),
  );
  if (stages.includes(null)) return null;
  const linked = stages as LinkedStage[];
  const own = linkFlowTexts(
    config.texts,
    linked.map(({ binding }) => binding),
    tools,
    below(root, 'texts'),
  );
  if (parsed !== null) {
    proveOrder(config, linked);
    proveReach(config, linked, root);
    checkDenied(value, config, root);
  }
  const names = linked.map(({ binding }) => binding.id);
  const tests = linkFlowTests(config.tests, name, names, below(root, 'tests'), tools);
  if (root.faults.length > before) return null;
  const flow: Flow = {
    name,
    title: config.title,
    designation: config.designation,
    requires: config.requires,
    gate: gate.gate,
    denied: config.denied,
    texts: own,
    stages: linked.map((stage) => stage.binding),
    digest: flowDigest(
      name,
      config,
      gate.meaning,
      linked.map((stage) => stage.meaning),
    ),
  };
  const startsSession = linked.some((stage) => stage.law.gives.includes('session'));
  const leads = linked.flatMap(({ binding, spot }) =>
    (binding.stage.leadsTo?.(binding.config) ?? []).map((url) => ({ url, spot })),
  );
  return { flow, startsSession, leads, spots: linked.map((stage) => stage.spot), tests };
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
  const place = { prefix: `${flow}.`, remedy: ON_ROUTES };
  const gate = gates.gate(own.policies, own.match, below(spot, 'policies'), place);
  const judged = linkJudged(stage, config, spot, place, gates);
  const claims = stage.claims(config);
  const binding: StageBinding = {
    id: name,
    stage,
    config: frozen(config),
    gate: gate.gate,
    judges: judged.gate,
    onInvalid: own.on_invalid,
    at: `${flow}.stages[${String(spot.path.at(-1))}]`,
  };
  const law: Lawful = {
    wants: claims.wants,
    gives: claims.gives,
    skippable: own.policies.length > 0,
    ends: stage.ends === true,
    inserts: (stage.inserts?.(config) ?? []).flatMap((one) => linkInserted(one, stages, spot)),
  };
  const meaning = [name, stage.type, config, gate.meaning, judged.meaning, own.on_invalid];
  return { binding, law, meaning, spot };
}

const ON_ROUTES = 'only a route can send somebody to another flow';

/** The policies that a stage judges its answers by. */
function linkJudged(
  stage: AnyStage,
  config: unknown,
  spot: Spot,
  place: GatePlace,
  gates: GateLinker,
): { readonly gate: Gate; readonly meaning: unknown } {
  const judged = stage.judges?.(config) ?? null;
  if (judged === null) return { gate: OPEN_GATE, meaning: null };
  const { option, fields } = judged;
  const list = (config as Readonly<Record<string, readonly Record<string, unknown>[]>>)[option];
  return gates.gate(list ?? [], 'all', below(spot, option), { ...place, fields });
}

const LACKS: Readonly<Record<Claim, string>> = {
  identified: 'who it is; put identification before it',
  verified: 'that somebody was verified; put a stage such as password before it',
  prompted: 'what to write; put prompt or invitation before it',
  session: 'a session; say requires: session, or put user_login before it',
  owner: 'that it is themselves; say requires: fresh, or put a stage such as password before it',
};

function proveOrder(config: FlowConfig, stages: readonly LinkedStage[]): void {
  const laws = stages.map((stage) => stage.law);
  for (const { index, missing, inserted } of breaches(config.requires, laws)) {
    const { binding, spot } = stages[index] as LinkedStage;
    const who =
      inserted === undefined
        ? `${binding.id} may be`
        : `${binding.id} puts in ${inserted}, which is`;
    for (const claim of missing) {
      const text = `${who} reached without knowing ${LACKS[claim]}`;
      blame(below(spot, 'type'), text + lostBy(claim, stages.slice(0, index)));
    }
  }
}

/** Stages that nobody reaches, and links that no stage redeems. */
function proveReach(config: FlowConfig, stages: readonly LinkedStage[], root: Spot): void {
  const lost = unreachable(stages.map((stage) => stage.law));
  if (lost !== null) {
    const { binding, spot } = stages[lost.index] as LinkedStage;
    const { id } = (stages[lost.end] as LinkedStage).binding;
    const text = `${binding.id} is never reached: ${id} before it ends every run; give that one policies, or put it last`;
    blame(below(spot, 'type'), text);
  }
  if (config.requires !== 'link') return;
  const first = stages[0];
  if (first?.binding.stage.redeemsLinks === true && !first.law.skippable) return;
  const text =
    'a flow that only a link opens begins with the stage that redeems it: put email_link first, without policies. Without requires: link, people can start it themselves';
  blame(below(root, 'requires'), text);
}

/** A sentence for people who are never turned away is a misunderstanding: whoever lacks a session signs in. */
function checkDenied(value: unknown, config: FlowConfig, root: Spot): void {
  const isSaid = Object.hasOwn(value as object, 'denied');
  if (!isSaid || config.policies.length > 0 || config.requires === 'anonymous') return;
  const text = 'turns nobody away: the flow has neither policies nor requires: anonymous';
  blame(below(root, 'denied'), text, null, 'key');
}

/** A stage that another may put in, as the laws look at it. */
function linkInserted(
  { type, options }: Insertion,
  stages: readonly AnyStage[],
  spot: Spot,
): readonly Inserted[] {
  const stage = stages.find((one) => one.type === type);
  const parsed = stage?.config.safeParse(options);
  if (stage !== undefined && parsed?.success === true) {
    const { wants, gives } = stage.claims(parsed.data);
    return [{ type, wants, gives }];
  }
  const what = stage === undefined ? 'is no stage of this version' : 'does not take its options';
  blame(below(spot, 'type'), `may put in ${type}, which ${what}`);
  return [];
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
