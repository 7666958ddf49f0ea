/** The context a stage receives: its options, the ports it names, and no way to write. */
import { checkReturnTo } from '../../core/access/return-to.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { PortName, StageContext, StagePorts } from '../../core/flow/stage.ts';
import type { User } from '../../core/people/user.ts';
import { domainOf } from '../../core/setup/domain.ts';
import { Problem } from '../../core/values/problem.ts';
import { appOf, type Run } from '../run/run.ts';

/** A stage that a run has reached. */
export interface Reached {
  readonly binding: StageBinding;
  readonly plan: Plan;
  readonly run: Run;
  /** The subject as the directory knows it; before a subject is identified, the visitor. */
  readonly user: User | null;
}

/** Builds the context for one call of one stage. */
export function stageContext(
  { binding, plan, run, user }: Reached,
  ports: StagePorts,
  calls: Pick<StageContext<unknown>, 'prove' | 'evaluate' | 'admit' | 'report'>,
): StageContext<unknown> {
  const { table, brand } = run.snapshot;
  const { site, cookieDomain } = domainOf(run.snapshot, run.facts.host);
  return {
    config: binding.config,
    flow: {
      name: run.flow.name,
      title: run.flow.title,
      enables: run.flow.stages.slice(plan.cursor + 1).some(isEnabling),
    },
    planId: plan.id,
    stageId: binding.id,
    app: appOf(run.snapshot, plan.returnTo),
    facts: run.facts,
    subject: plan.subject,
    user,
    session: run.visitor?.session ?? null,
    proofs: plan.proofs,
    learned: plan.learned,
    site: {
      origin: site.origin,
      rpId: site.host,
      olderRpId: cookieDomain ?? site.host,
      name: brand.name,
    },
    device: run.device?.name ?? null,
    shown: run.shown?.planId === plan.id ? run.shown.text : null,
    username: run.username,
    nonce: ports.vault.sign('nonce', `${plan.id} ${plan.revision}`),
    expiresAt: plan.expiresAt,
    ports: only(ports, binding.stage.uses as readonly PortName[]),
    now: run.now,
    ...calls,
    checkReturnTo: (url) => checkReturnTo(url, site, table),
  };
}

/** Whether the stage verifies the address of a new user. */
export function isEnabling({ stage, config }: StageBinding): boolean {
  return stage.enables?.(config) === true;
}

const unlawful = (): Promise<never> =>
  Promise.reject(
    new Problem('stage/unlawful', 'A stage must not prove or evaluate while it opens.'),
  );

const unlawfulReport = (): never => {
  throw new Problem('stage/unlawful', 'A stage must not report a visit while it opens.');
};

/** For `open`: showing a stage must not write, and a try is a write; nor is there a submission yet. */
export const onlyLooking = {
  prove: unlawful,
  evaluate: unlawful,
  admit: unlawful,
  report: unlawfulReport,
};

/** The ports a stage names; any other is undefined. */
function only(ports: StagePorts, names: readonly PortName[]): StagePorts {
  return Object.fromEntries(names.map((name) => [name, ports[name]])) as unknown as StagePorts;
}
