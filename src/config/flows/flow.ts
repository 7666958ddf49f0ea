/** Links one flow file: its head, its stages, and the proofs that it is in order and safe. */
import type { Flow } from '../../core/flow/flow.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import type { FlowExpectation } from '../../core/setup/expectation.ts';
import type { Texts } from '../../core/values/message.ts';
import { NAME } from '../../schema/names.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { PolicyLinker } from '../policies/policies.ts';
import { type FlowConfig, flowSchema } from '../schema/flow-schema.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { flowDigest } from './digest.ts';
import { type ExpectationTools, linkFlowTests } from './expectations.ts';
import { proveFlow } from './proofs.ts';
import { linkStages } from './stages.ts';
import { linkFlowTexts } from './texts.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** A linked flow, and what other checks need to know about it. */
export interface LinkedFlow {
  readonly flow: Flow;
  /** Whether one of its stages starts a session. */
  readonly startsSession: boolean;
  /** URLs that its stages lead to, for a check against the routes. */
  readonly leads: readonly { readonly url: string; readonly spot: Spot }[];
  /** The spots of its stages, in order. */
  readonly spots: readonly Spot[];
  readonly tests: readonly FlowExpectation[];
}

/** What a flow is linked with. */
interface FlowTools extends ExpectationTools {
  readonly stages: readonly AnyStage[];
  readonly policies: PolicyLinker;
  /** The texts of the flow engine. */
  readonly texts: Texts;
}

/** The flow; null once its faults have been noted. */
export function linkFlow(
  name: string,
  value: unknown,
  root: Spot,
  tools: FlowTools,
): LinkedFlow | null {
  const before = root.faults.length;
  if (!NAME.test(name)) {
    blame(
      root,
      'expected a file name of lowercase letters, digits, - and _, then .yaml: it names the flow',
    );
  }
  const parsed = parseAt(flowSchema, value, root);
  const config = parsed ?? stagesOnly(value);
  if (config === null) return null;
  const { policies } = tools;
  const context = { prefix: `${name}.`, remedy: 'otherwise works only on routes' };
  const admission = policies.link(config.policies, config.match, below(root, 'policies'), context);
  const stages = linkStages(config.stages, root, { ...tools, flow: name, context });
  if (stages.length < config.stages.length) return null;
  const bindings = stages.map(({ binding }) => binding);
  const texts = linkFlowTexts(config.texts, bindings, tools, below(root, 'texts'));
  if (parsed !== null) proveFlow(config, stages, value, root);
  const ids = bindings.map(({ id }) => id);
  const tests = linkFlowTests(
    config.tests,
    { flow: name, stages: ids },
    below(root, 'tests'),
    tools,
  );
  if (root.faults.length > before) return null;
  const meanings = stages.map(({ meaning }) => meaning);
  const { title, designation, requires, denied } = config;
  return {
    flow: {
      name,
      title,
      designation,
      requires,
      policies: admission.gate,
      denied,
      texts,
      stages: bindings,
      digest: flowDigest(name, config, admission.meaning, meanings),
    },
    startsSession: stages.some(({ law }) => law.gives.includes('session')),
    leads: stages.flatMap(({ binding, spot }) =>
      (binding.stage.leads?.urls?.(binding.config) ?? []).map((url) => ({ url, spot })),
    ),
    spots: stages.map(({ spot }) => spot),
    tests,
  };
}

/** The stages of a flow whose other options are faulty, so that their faults are reported, too. */
function stagesOnly(value: unknown): FlowConfig | null {
  const { stages } = fieldsOf(value);
  const rest = { title: '-', designation: 'authentication', stages };
  const result = flowSchema.safeParse(rest);
  return result.success ? result.data : null;
}
