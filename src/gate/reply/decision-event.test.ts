import { describe, expect, it } from 'vitest';
import { START, testSession, testUser } from '../../../test/support/fakes.ts';
import { testBinding, testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import { decide } from '../../core/access/decide.ts';
import type { Decision } from '../../core/access/decision.ts';
import type { Binding } from '../../core/policy/policy.ts';
import { decisionEvent, undecidedEvent } from './decision-event.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const facts = testFacts(
  { target: '/a?token=x' },
  { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, cookie: 'a=b' },
);
const handled = { requestId: 'r1', dialect: 'nginx', status: 421, ms: 1 };
const UNKNOWN: Decision = {
  kind: 'deny',
  status: 421,
  route: null,
  rule: null,
  rules: [],
  readings: [],
  evaluated: [],
  conditions: [],
  visitor: null,
  reasons: [{ code: 'host/unknown', detail: 'no route' }],
  dryRun: [],
};

/** The event of a request under these bindings. */
const told = (bindings: readonly Binding[]) => {
  const { table, site } = testSnapshot({
    routes: [{ id: 'wiki', paths: { '/**': bindings } }],
  });
  const visitor = { session: testSession(), user: testUser() };
  const input = { table, site, facts, visitor, signals: {}, now: START };
  const { why, dryRun } = decisionEvent(handled, facts, decide(input));
  return { why, dryRun };
};

describe('the event of a request', () => {
  it('names its trace, and contains neither query nor cookie', () => {
    const event = decisionEvent(handled, facts, UNKNOWN);
    expect(event).toMatchObject({ requestId: 'r1', traceId: TRACE, path: '/a', userId: null });
    expect(JSON.stringify(event)).not.toMatch(/token|a=b/);
  });

  it('names the rules that denied it, and what dry runs would have denied', () => {
    const no = testBinding(false, { name: 'office', line: 'doorward.yaml:9:7' });
    const dry = testBinding(false, { name: 'vip', line: 'doorward.yaml:10:7', dryRun: true });
    const reason = { rule: 'wiki', code: 'dummy/fail', detail: null };
    const office = { ...reason, policy: 'office', line: 'doorward.yaml:9:7' };
    const vip = { ...reason, policy: 'vip', line: 'doorward.yaml:10:7' };
    expect(told([no, dry])).toEqual({ why: [office], dryRun: [vip] });
    expect(told([dry])).toEqual({ why: [], dryRun: [vip] });
    expect(told([])).toEqual({ why: [], dryRun: [] });
  });

  it('has no trace if the request could not be read', () => {
    const seen = { method: 'GET', clientIp: '192.0.2.7', facts: null };
    const event = undecidedEvent(handled, { kind: 'deny', code: 'path/dot-segment' }, seen);
    expect(event).toMatchObject({ traceId: null, host: '', path: '', decision: 'deny' });
  });
});
