/** Links the stages of one flow: parses their options and compiles their policies. */
import { NO_POLICIES } from '../../core/policy/policy.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import type { AnyStage, Insertion } from '../../core/flow/stage.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import type { BindingContext } from '../policies/binding-context.ts';
import type { LinkedSet } from '../policies/compiled.ts';
import type { PolicyLinker } from '../policies/policies.ts';
import { stageBindingSchema } from '../schema/flow-schema.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { frozen } from '../settings/freeze.ts';
import type { Inserted, Lawful } from './laws.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** What the stages of one flow are linked with. */
export interface StageTools {
  readonly flow: string;
  readonly stages: readonly AnyStage[];
  readonly policies: PolicyLinker;
  readonly context: BindingContext;
}

/** A linked stage. */
export interface LinkedStage {
  readonly binding: StageBinding;
  readonly law: Lawful;
  /** What the stage means as plain data, for the digest of the flow. */
  readonly meaning: unknown;
  readonly spot: Spot;
}

type Raw = Readonly<Record<string, unknown>>;

/** The stages that can be linked, in order; faults are noted for the others. */
export function linkStages(
  list: readonly Raw[],
  root: Spot,
  tools: StageTools,
): readonly LinkedStage[] {
  const ids = new Set<string>();
  return list
    .map((raw, index) => linkStage(raw, below(root, 'stages', index), ids, tools))
    .filter((one) => one !== null);
}

function linkStage(raw: Raw, spot: Spot, ids: Set<string>, tools: StageTools): LinkedStage | null {
  const { type, id, policies, match, on_invalid, ...options } = raw;
  const given = Object.entries({ id, policies, match, on_invalid }).filter(([key]) => key in raw);
  const own = parseAt(stageBindingSchema, Object.fromEntries(given), spot);
  const stage = stageOf(type, spot, tools);
  const config: unknown = stage === null ? null : parseAt(stage.config, options, spot);
  if (stage === null || own === null || config === null) return null;
  const name = own.id ?? stage.type;
  if (ids.has(name)) {
    const isNamed = own.id !== undefined;
    const remedy = isNamed ? 'choose another id' : 'add an id to this stage';
    blame(below(spot, isNamed ? 'id' : 'type'), `duplicate id ${name}; ${remedy}`);
  }
  ids.add(name);
  const { flow, context } = tools;
  const admission = tools.policies.link(own.policies, own.match, below(spot, 'policies'), context);
  const evaluated = linkEvaluated(stage, config, spot, tools);
  const claims = stage.claims(config);
  const inserts = stage.inserts?.(config) ?? [];
  return {
    binding: {
      id: name,
      stage,
      config: frozen(config),
      policies: admission.gate,
      validators: evaluated.gate,
      onInvalid: own.on_invalid,
      at: `${flow}.stages[${String(spot.path.at(-1))}]`,
    },
    law: {
      wants: claims.wants,
      gives: claims.gives,
      keepsUser: claims.keepsUser === true,
      admitsNewcomer: claims.admitsNewcomer === true,
      skippable: own.policies.length > 0,
      ends: stage.leads?.isEnd === true,
      inserts: inserts.flatMap((one) => linkInserted(one, tools.stages, spot)),
    },
    meaning: [name, stage.type, config, admission.meaning, evaluated.meaning, own.on_invalid],
    spot,
  };
}

/** The stage of a type; null once its fault has been noted. */
function stageOf(type: unknown, spot: Spot, { stages }: StageTools): AnyStage | null {
  const stage = stages.find((one) => one.type === type);
  if (stage !== undefined) return stage;
  const types = stages.map((one) => one.type);
  const hint = typeof type === 'string' ? suggest(type, types) : null;
  const what = type === undefined ? 'missing' : 'no such stage';
  blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
  return null;
}

/** The policies that a stage evaluates a submission with. */
function linkEvaluated(
  stage: AnyStage,
  config: unknown,
  spot: Spot,
  { policies, context }: StageTools,
): Pick<LinkedSet, 'gate' | 'meaning'> {
  const evaluated = stage.submission?.policies?.(config) ?? null;
  if (evaluated === null) return { gate: NO_POLICIES, meaning: null };
  const { option, fields } = evaluated;
  const list = fieldsOf(config)[option];
  return policies.link(Array.isArray(list) ? list : [], 'all', below(spot, option), {
    ...context,
    fields,
  });
}

/** A stage that another stage may insert, as the laws need it. */
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
  const what = stage === undefined ? 'this version does not have' : 'rejects its options';
  blame(below(spot, 'type'), `may insert ${type}, which ${what}`);
  return [];
}
