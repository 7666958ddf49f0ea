/** What `explain` found, as text and as JSON. Only shows; the decision has been made. */
import { type DecideInput, inputOf } from '../core/decide.ts';
import type { Decision, Visitor } from '../core/decision.ts';
import type { RequestFacts } from '../core/facts.ts';
import { combine, type Judgement } from '../core/policy.ts';
import type { Reason } from '../core/reason.ts';
import type { Rule } from '../core/route.ts';
import { plainText } from './command.ts';

/** One rule that guards the request, and what each of its bindings says. */
export interface JudgedRule {
  readonly rule: Rule;
  /** Empty for a public rule, and without a session. */
  readonly judgements: readonly Judgement[];
}

export interface Explanation {
  readonly url: string;
  readonly facts: RequestFacts;
  /** Something to know about who asks, or null. */
  readonly note: string | null;
  readonly visitor: Visitor | null;
  readonly decision: Decision;
  readonly rules: readonly JudgedRule[];
}

/** Every rule that must be satisfied with every verdict, also those after the one that decided. */
export function judgedRules(input: DecideInput): readonly JudgedRule[] {
  const { facts, visitor } = input;
  const found = input.table.find(facts);
  if ('refused' in found) return [];
  return found.rules.map((rule) => {
    if (rule.public || visitor === null) return { rule, judgements: [] };
    const outcome = combine(rule.gate, inputOf(input, found, visitor));
    return { rule, judgements: outcome.judgements };
  });
}

/** For people. */
export function explanationText(e: Explanation): string {
  const { facts, decision } = e;
  const lines = [
    verdictLine(decision),
    '',
    `request   ${facts.method} ${facts.scheme}://${facts.host}${facts.port === 0 ? '' : `:${facts.port}`}${facts.path}${facts.query}`,
    `from      ${facts.clientIp}`,
    `visitor   ${visitorText(e)}`,
    `route     ${decision.route?.id ?? 'none answers to this host'}`,
  ];
  for (const { rule, judgements } of e.rules) {
    lines.push(`rule      ${rule.name}  ${rule.at}`);
    if (rule.public) lines.push('          public: open to everybody');
    else if (e.visitor === null) lines.push(`          needs a session (flow ${rule.flow})`);
    else if (judgements.length === 0) lines.push('          any session will do');
    else if (rule.gate.match === 'any') lines.push('          one of these must pass:');
    for (const judgement of judgements) lines.push(`          ${judgementText(judgement)}`);
  }
  lines.push(...decision.reasons.map((reason) => `reason    ${reasonText(reason)}`));
  lines.push(...decision.dryRun.map((reason) => `dry run   would refuse: ${reasonText(reason)}`));
  return lines.map((line) => `${plainText(line)}\n`).join('');
}

function verdictLine(decision: Decision): string {
  switch (decision.kind) {
    case 'allow':
      return 'allow';
    case 'authenticate':
      return `authenticate by flow ${decision.flow}, then back to ${decision.returnTo}`;
    case 'deny':
      return `deny ${decision.status}`;
  }
}

function visitorText(e: Explanation): string {
  if (e.visitor === null) return e.note ?? 'nobody';
  const { user, session } = e.visitor;
  const groups = user.groups.length === 0 ? 'no group' : user.groups.join(', ');
  return `${user.name} (${groups}), by ${session.proofs.map((p) => p.method).join(', ')}`;
}

function judgementText({ binding, verdict }: Judgement): string {
  const answer = verdict.pass ? 'yes' : 'no ';
  const not = binding.negate ? 'not ' : '';
  const dry = binding.dryRun ? '  (dry run)' : '';
  const otherwise =
    verdict.pass || binding.otherwise === null ? '' : `  otherwise: ${binding.otherwise}`;
  return `${answer} ${not}${binding.name}  ${reasonText(verdict.reason)}${otherwise}${dry}`;
}

function reasonText(reason: Reason): string {
  const detail = reason.detail === undefined ? '' : `: ${reason.detail}`;
  const rule = reason.rule === undefined ? '' : `  (${reason.rule})`;
  return reason.code + detail + rule;
}

/** For scripts; names are stable. */
export function explanationJson(e: Explanation): object {
  const { decision, facts } = e;
  return {
    url: e.url,
    decision: decision.kind,
    status: decision.kind === 'deny' ? decision.status : null,
    flow: decision.kind === 'authenticate' ? decision.flow : null,
    return_to: decision.kind === 'authenticate' ? decision.returnTo : null,
    reasons: decision.reasons,
    dry_run: decision.dryRun,
    route: decision.route?.id ?? null,
    rule: decision.rule?.name ?? null,
    request: {
      method: facts.method,
      host: facts.host,
      port: facts.port,
      path: facts.path,
      query: facts.query,
      client_ip: facts.clientIp,
    },
    visitor:
      e.visitor === null
        ? null
        : {
            user_id: e.visitor.user.id,
            name: e.visitor.user.name,
            groups: e.visitor.user.groups,
            methods: e.visitor.session.proofs.map((p) => p.method),
          },
    note: e.note,
    rules: e.rules.map(({ rule, judgements }) => ({
      name: rule.name,
      at: rule.at,
      pattern: rule.pattern,
      methods: rule.methods,
      public: rule.public,
      match: rule.gate.match,
      bindings: judgements.map(({ binding, verdict }) => ({
        policy: binding.name,
        pass: verdict.pass,
        code: verdict.reason.code,
        detail: verdict.reason.detail ?? null,
        negate: binding.negate,
        dry_run: binding.dryRun,
        otherwise: binding.otherwise,
        at: binding.at,
      })),
    })),
  };
}
