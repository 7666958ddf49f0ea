import { describe, expect, it } from 'vitest';
import { testFacts } from '../../test/support/snapshot.ts';
import type { Decision } from '../core/decision.ts';
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
  judged: [],
  visitor: null,
  reasons: [{ code: 'host/unknown', detail: 'no route' }],
  dryRun: [],
};

describe('the event of a request', () => {
  it('names its trace, and neither query nor cookie', () => {
    const event = decisionEvent(handled, facts, UNKNOWN);
    expect(event).toMatchObject({ requestId: 'r1', traceId: TRACE, path: '/a', userId: null });
    expect(JSON.stringify(event)).not.toMatch(/token|a=b/);
  });

  it('has no trace when nothing of the request could be read', () => {
    const seen = { method: 'GET', clientIp: '192.0.2.7', facts: null };
    const event = undecidedEvent(handled, 'deny', 'path/dot-segment', seen);
    expect(event).toMatchObject({ traceId: null, host: '', path: '', decision: 'deny' });
  });
});
