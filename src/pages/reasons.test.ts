/** Reasons on error pages: no more than the operator discloses, and never as markup. */
import { describe, expect, it } from 'vitest';
import { anInput } from '../../test/support/policy-input.ts';
import { testLive } from '../../test/support/snapshot.ts';
import type { BindingTrace, DecisionTrace, RuleTrace } from '../core/access/decision-trace.ts';
import type { ErrorPageView } from '../core/setup/views.ts';
import { group } from '../policies/group/policy.ts';
import { policies } from '../policies/index.ts';
import { createAssets } from './frame/assets.ts';
import { createPages } from './pages.ts';

const live = testLive();
const texts = policies.map((policy) => policy.texts);
const pages = createPages(live, createAssets(live), texts);

function binding(changes: Partial<BindingTrace> = {}): BindingTrace {
  return {
    policy: 'network',
    match: null,
    pass: false,
    code: 'network/outside',
    detail: '192.0.2.7 is in none of 10.0.0.0/8',
    compared: null,
    fault: null,
    negate: false,
    dryRun: false,
    remedy: null,
    expires: null,
    at: 'routes[0].policies[0]',
    line: 'doorward.yaml:9:7',
    bindings: [],
    ...changes,
  };
}

function rule(bindings: readonly BindingTrace[], changes: Partial<RuleTrace> = {}): RuleTrace {
  return {
    name: 'wiki /admin/**',
    pattern: '/admin/**',
    methods: null,
    public: false,
    closed: false,
    publicIf: null,
    flow: 'login',
    match: 'all',
    pass: false,
    stale: null,
    at: 'routes[0].paths[0]',
    line: 'doorward.yaml:7:5',
    bindings,
    ...changes,
  };
}

function trace(...rules: readonly RuleTrace[]): DecisionTrace {
  const decided = { decision: 'deny' as const, status: 403, flow: null, route: 'wiki' };
  return { ...decided, reasons: [], wouldDeny: [], readings: [], rules };
}

function shown(changes: Partial<ErrorPageView>): string {
  return pages.errors.errorPage({
    status: 403,
    code: 'network/outside',
    reasons: [{ code: 'network/outside', detail: '192.0.2.7', rule: 'routes[0].policies[0]' }],
    requestId: 'request-1',
    host: 'wiki.example.com',
    user: 'Ann',
    signInUrl: null,
    homeUrl: '/',
    retryAfter: 0,
    language: null,
    ...changes,
  }).text;
}

/** The text of the part, without tags. */
function wordsOf(page: string): string {
  const part = /<details class="explained"[^]*<\/details>/.exec(page)?.[0] ?? '';
  return part.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('the reasons on an error page', () => {
  it('are the code and the request ID alone if the operator discloses no more', () => {
    const page = shown({ disclosure: 'code' });
    expect(page).toContain('network/outside');
    expect(page).toContain('request-1');
    expect(page).not.toMatch(/<details|certain networks|routes\[0\]/);
  });

  it('are sentences, without the operands of network rules', () => {
    const page = shown({ disclosure: 'reasons', trace: null });
    expect(wordsOf(page)).toContain('Why? Access is limited to certain networks');
    expect(page).toContain('request-1');
    expect(page).toContain('routes[0].policies[0]');
    expect(page).not.toMatch(/192\.0\.2\.7|Rule by rule/);
    expect(wordsOf(shown({}))).toBe(wordsOf(page));
  });

  it('show what each rule compared, with its line, to users who may see the trace', () => {
    const any = binding({
      policy: 'any',
      match: 'any',
      bindings: [binding(), binding({ policy: 'method', remedy: 'step-up' })],
    });
    const page = shown({
      disclosure: 'trace',
      trace: trace(
        rule([
          any,
          binding({ policy: 'vip', pass: true, negate: true }),
          binding({ dryRun: true }),
        ]),
        rule([], { name: 'open', public: true, pass: null }),
        rule([], { stale: { code: 'session/too-old', detail: 'signed in 90 minutes ago' } }),
      ),
    });
    const words = wordsOf(page);
    for (const part of [
      'Failed wiki /admin/** doorward.yaml:7:5',
      'Failed any doorward.yaml:9:7 at least one of these must pass Failed network',
      'network/outside 192.0.2.7 is in none of 10.0.0.0/8',
      'completing the flow step-up would help',
      'Passed not vip',
      'dry run: does not affect the result',
      'Not checked open doorward.yaml:7:5 open to everyone',
      'session/too-old signed in 90 minutes ago',
    ]) {
      expect(words).toContain(part);
    }
    const german = shown({ disclosure: 'trace', trace: trace(rule([binding()])), language: 'de' });
    expect(wordsOf(german)).toMatch(/^ Warum\? .* Regel für Regel Nicht erfüllt wiki/);
  });

  it('say what was compared in the language of the page', () => {
    const { reason } = group.compile({ any: ['<b>staff</b>'] })(anInput());
    const changes = { disclosure: 'trace' as const, reasons: [reason] };
    const { code, detail = null, compared = null } = reason;
    const rules = trace(rule([binding({ policy: 'group', code, detail, compared })]));
    for (const [language, words] of [
      ['en', 'needs any of &lt;b&gt;staff&lt;/b&gt;; has '],
      ['de', 'erforderlich ist eine von: &lt;b&gt;staff&lt;/b&gt;; vorhanden: '],
    ] as const) {
      const page = shown({ ...changes, trace: rules, language });
      expect(page.split(words)).toHaveLength(3);
      expect(page).not.toContain('<b>');
    }
  });

  it('escape everything that operators and clients wrote', () => {
    const evil = `</details><script>alert("x")</script>'&{user}`;
    const bad = binding({
      policy: evil,
      code: evil,
      detail: evil,
      line: evil,
      remedy: evil,
      negate: true,
    });
    const page = shown({
      disclosure: 'trace',
      trace: trace(
        rule([bad, { ...bad, match: 'any', bindings: [bad] }], {
          name: evil,
          line: evil,
          stale: { code: evil, detail: evil },
        }),
      ),
    });
    expect(page).not.toMatch(/<script|style=|\son[a-z]+=/);
    expect(page.match(/<details/g)).toHaveLength(2);
    expect(page.match(/<\/details>/g)).toHaveLength(2);
  });

  it('stay short for a rule with many bindings', () => {
    const many = Array.from({ length: 500 }, () => binding());
    expect(shown({ disclosure: 'trace', trace: trace(rule(many)) }).length).toBeLessThan(40_000);
  });
});
