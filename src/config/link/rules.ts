/** Links the named policies, the flows and the sources. */
import { isPasswordAlone } from '../../core/proof/password-rule.ts';
import type { Fault } from '../faults/fault.ts';
import { below, type Spot } from '../faults/spot.ts';
import { type LinkedFlow, linkFlow } from '../flows/flow.ts';
import type { Flows } from '../flows/uses.ts';
import { linkPolicies, type PolicyLinker } from '../policies/policies.ts';
import type { Config } from '../schema/schema.ts';
import type { Adapters } from './adapters.ts';
import type { LinkInput } from './input.ts';
import { withMail } from './mail.ts';
import { withSignUp } from './sign-up.ts';
import { type LinkedSources, linkSources } from './sources.ts';

/** Everything that decides about users. */
export interface Rules {
  readonly policies: PolicyLinker;
  /** All flows, also those left out without a mailer or without `sign_up`. */
  readonly all: Flows;
  readonly flows: Flows;
  readonly sources: LinkedSources;
}

/** Links the named policies, all flows, and the sources. */
export function linkRules(
  input: LinkInput,
  config: Config,
  { missing, mail, directories }: Adapters,
  root: Spot,
): Rules {
  // The stricter value until the flows are linked; no policy is evaluated before that.
  let isAlone = true;
  const configuration = { isPasswordAlone: () => isAlone };
  const tools = { kinds: input.lists.policies, missing, configuration };
  const policies = linkPolicies(tools, config.policies, below(root, 'policies'));
  const all = linkFlows(input, policies, root.faults);
  const shipped = new Set(input.flows.filter((flow) => flow.isShipped).map(({ name }) => name));
  const offered = withSignUp(all, config, { mail, directories, shipped }, root);
  const flows = withMail(offered, mail, shipped);
  isAlone = isPasswordAlone([...flows.values()].flatMap((linked) => linked?.flow ?? []));
  const isWritable = directories.some(({ kind }) => kind.type === 'embedded');
  const sources = linkSources(config.sources, { ...input, flows, policies, isWritable }, root);
  return { policies, all, flows, sources };
}

/** The flows by name; null for a flow with faults. */
export function linkFlows(
  { flows, lists }: LinkInput,
  policies: PolicyLinker,
  faults: Fault[],
): Flows {
  const linked = new Map<string, LinkedFlow | null>();
  for (const { name, source } of flows) {
    const names = lists.signals.map((kind) => kind.name);
    const tools = { stages: lists.stages, policies, signals: names, texts: lists.texts };
    const flow =
      source === null ? null : linkFlow(name, source.value, { source, path: [], faults }, tools);
    linked.set(name, flow);
  }
  return linked;
}
