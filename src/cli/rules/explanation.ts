/** The result of `explain`, as text and as JSON. */
import type { Decision, Visitor } from '../../core/access/decision.ts';
import {
  type BindingTrace,
  type DecisionTrace,
  type RuleTrace,
  rulesJson,
  traceOf,
  type Denial,
} from '../../core/access/decision-trace.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { pathForApp } from '../../core/routes/route.ts';
import type { Reason } from '../../core/values/reason.ts';
import { plainText } from '../shell/output.ts';

export interface Explanation {
  readonly url: string;
  readonly facts: RequestFacts;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Something to know about who asks, or null. */
  readonly note: string | null;
  readonly visitor: Visitor | null;
  readonly decision: Decision;
}

const MARGIN = ' '.repeat(10);

/** For people. */
export function explanationText(e: Explanation): string {
  const { facts, decision } = e;
  const trace = traceOf(decision);
  const port = facts.port === 0 ? '' : `:${facts.port}`;
  const upstream = upstreamOf(e);
  const lines = [
    verdictLine(decision),
    '',
    `request   ${facts.method} ${facts.scheme}://${facts.host}${port}${facts.path}${facts.query}`,
    ...(facts.kind === 'page' ? [] : [`kind      ${facts.kind}`]),
    `from      ${facts.clientIp}`,
    `at        ${new Date(e.now).toISOString()}`,
    `visitor   ${visitorText(e)}`,
    `route     ${trace.route ?? 'none for this host and port'}`,
    ...(upstream === null ? [] : [`upstream  ${upstream.urls.join(', ')}  as ${upstream.path}`]),
    ...trace.readings.map(({ path, rule }) => `reading   ${path}  ${rule ?? 'no rule'}`),
    ...trace.rules.flatMap((rule) => ruleLines(rule, e)),
    ...decision.reasons.map((reason) => `reason    ${reasonText(reason)}`),
    ...trace.wouldDeny.map((denial) => `dry run   would refuse: ${denialText(denial)}`),
  ];
  return lines.map((line) => `${plainText(line)}\n`).join('');
}

/** The app behind the rule, and the path and query that it receives; null if there is none. */
function upstreamOf({ decision, facts }: Explanation) {
  const { route, rule } = decision;
  const group = rule?.passage.upstream ?? null;
  if (route === null || rule === null || group === null) return null;
  const basePath = group.urls[0].replace(/^(?:https?:\/\/[^/]+|[^/]+:.*)/, '');
  return {
    urls: group.urls,
    path: basePath + pathForApp(route, rule, facts.path) + facts.query,
  };
}

/** The no of a binding, or of a rule, in one line. */
function denialText({ rule, policy, code, detail, line }: Denial): string {
  return `${policy ?? rule}  ${codeText(code, detail)}  (${line})`;
}

/** The reason of a decision on one line: the policies that failed, or those that passed. */
export function shortTrace({ decision, rules, reasons }: DecisionTrace): string {
  const wanted = { pass: decision === 'allow' };
  const parts = rules.flatMap((rule) => [
    // A condition that fails denies nothing, so it is listed beside the reasons below.
    ...(rule.publicIf?.pass === true && wanted.pass ? conditionTexts(rule, wanted) : []),
    ...(rule.stale === null
      ? []
      : [`${rule.name} ${codeText(rule.stale.code, rule.stale.detail)}  (${placeText(rule)})`]),
    ...leavesOf(rule.bindings, wanted).map((one) => `${one.policy} ${answerText(one)}`),
  ]);
  if (parts.length > 0) return parts.join('; ');
  const rule = rules.find((one) => one.line !== '');
  const where = rule === undefined ? '' : ` by the rule ${rule.name} (${rule.line})`;
  const conditions = rules.flatMap((one) => conditionTexts(one, { pass: false }));
  return [reasons.map(reasonText).join('; ') + where, ...conditions].join('; ');
}

function conditionTexts(
  { publicIf }: RuleTrace,
  wanted: Pick<BindingTrace, 'pass'>,
): readonly string[] {
  if (publicIf === null) return [];
  return leavesOf(publicIf.bindings, wanted).map(
    (one) => `public_if: ${one.policy} ${answerText(one)}`,
  );
}

/** Single policies with this answer; of groups that have it, their members'. Dry runs decide nothing. */
function leavesOf(
  bindings: readonly BindingTrace[],
  wanted: Pick<BindingTrace, 'pass'>,
): readonly BindingTrace[] {
  return bindings
    .filter((binding) => binding.pass === wanted.pass && !binding.dryRun)
    .flatMap((binding) => {
      const inner = binding.negate ? [] : leavesOf(binding.bindings, wanted);
      return inner.length === 0 ? [binding] : inner;
    });
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
  if (e.visitor === null) return e.note ?? 'anonymous';
  const { visitor } = e;
  const { user, session } = visitor;
  const groups = user.groups.length === 0 ? 'no group' : user.groups.join(', ');
  // Groups are those of the directory that is responsible for the user.
  const who = `${user.name} of ${user.id.split('/', 1).join()} (${groups})`;
  if (session === null) {
    return `${who}, by ${visitor.grant.credential} ${visitor.grant.id} as ${visitor.grant.scheme}`;
  }
  const methods = session.proofs.map(({ method, at }) =>
    at === e.now ? method : `${method} ${agoText(e.now - at)} ago`,
  );
  return `${who}, by ${methods.join(', ')}`;
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
] as const;

function agoText(milliseconds: number): string {
  const [size, unit] = UNITS.find(([each]) => milliseconds % each === 0) ?? [1, 'ms'];
  return `${milliseconds / size}${unit}`;
}

function ruleLines(rule: RuleTrace, { visitor }: Pick<Explanation, 'visitor'>): readonly string[] {
  const { name, pass, stale, bindings, flow } = rule;
  const answer = pass === null ? '' : `  ${pass ? 'yes' : 'no'}`;
  const lines = [`rule      ${name}${answer}  ${placeText(rule)}`];
  const say = (text: string): void => void lines.push(MARGIN + text);
  if (stale !== null) say(`no  session  ${codeText(stale.code, stale.detail)}`);
  if (rule.publicIf !== null) {
    say(rule.publicIf.pass ? 'open without a session: public_if passes' : 'public_if fails:');
    lines.push(...rule.publicIf.bindings.flatMap((one) => bindingLines(one, `${MARGIN}    `)));
  }
  if (rule.public) say('public: open to everyone');
  else if (rule.closed) say('closed: denied to everyone');
  else if (rule.publicIf?.pass === true) return lines;
  else if (pass === null) {
    say(visitor === null ? `needs a session (flow ${flow})` : 'not evaluated');
  } else if (bindings.length === 0) {
    if (stale === null) say('any session passes');
  } else if (rule.match === 'any') say('one of these must pass:');
  return [...lines, ...bindings.flatMap((binding) => bindingLines(binding, MARGIN))];
}

function bindingLines(binding: BindingTrace, indent: string): readonly string[] {
  const { pass, policy, negate, match, bindings } = binding;
  const outcome =
    match === null || bindings.length === 0 ? `  ${answerText(binding)}` : groupText(binding);
  const line = `${indent}${pass ? 'yes' : 'no '} ${negate ? 'not ' : ''}${policy}${outcome}`;
  const further = [
    ...(pass || binding.remedy === null ? [] : [`otherwise: ${binding.remedy}`]),
    ...(binding.expires === null ? [] : [`expires ${new Date(binding.expires).toISOString()}`]),
    ...(binding.dryRun ? ['(dry run)'] : []),
  ];
  const own = [line, ...further].join('  ');
  return [own, ...bindings.flatMap((inner) => bindingLines(inner, `${indent}    `))];
}

function answerText({ code, detail, at, line }: BindingTrace): string {
  return `${codeText(code, detail)}  (${placeText({ at, line })})`;
}

function groupText({ match, at, line }: BindingTrace): string {
  return `${match === 'any' ? ' one of these' : ' of these'}  (${placeText({ at, line })})`;
}

function placeText({ at, line }: { readonly at: string; readonly line: string }): string {
  return line === '' ? at : line;
}

function reasonText({ code, detail, rule }: Reason): string {
  return codeText(code, detail) + (rule === undefined ? '' : `  (${rule})`);
}

function codeText(code: string, detail: string | null | undefined): string {
  return detail === null || detail === undefined ? code : `${code}: ${detail}`;
}

/** A reason without the message for pages, which says the same as `detail`. */
function reasonJson({ compared: _compared, ...reason }: Reason): Omit<Reason, 'compared'> {
  return reason;
}

/** For scripts; names are stable. */
export function explanationJson(e: Explanation): object {
  const { decision, facts } = e;
  const trace = traceOf(decision);
  return {
    url: e.url,
    decision: decision.kind,
    status: trace.status,
    flow: trace.flow,
    return_to: decision.kind === 'authenticate' ? decision.returnTo : null,
    reasons: decision.reasons.map(reasonJson),
    dry_run: trace.wouldDeny,
    route: trace.route,
    rule: decision.rule?.name ?? null,
    upstream: upstreamOf(e),
    request: {
      kind: facts.kind,
      method: facts.method,
      host: facts.host,
      port: facts.port,
      path: facts.path,
      query: facts.query,
      client_ip: facts.clientIp,
      time: new Date(e.now).toISOString(),
    },
    visitor:
      e.visitor === null
        ? null
        : {
            user_id: e.visitor.user.id,
            name: e.visitor.user.name,
            groups: e.visitor.user.groups,
            methods: e.visitor.session?.proofs.map((p) => p.method) ?? [],
            ...(e.visitor.session === null ? { token_id: e.visitor.grant.id } : {}),
          },
    note: e.note,
    readings: trace.readings,
    rules: rulesJson(trace),
  };
}
