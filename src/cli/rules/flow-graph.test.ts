/** Diagrams of flows that branch, end early or insert stages. */
import { describe, expect, it } from 'vitest';
import { testFlow } from '../../../test/support/flow-fakes.ts';
import { question, scripted } from '../../../test/support/scripted-stage.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import { stages as real } from '../../stages/index.ts';
import { flowGraph } from './flow-graph.ts';

const gate = { match: 'all' as const, bindings: [testBinding(true, { name: 'new here' })] };

describe('a diagram', () => {
  it('shows redirects and inserted stages, and that a denial leads nowhere', () => {
    const needing = scripted('needing', {
      inserts: () => [{ type: 'set_up', options: {} }],
      open: () => ({ kind: 'ask', challenge: question('needing') }),
    });
    const words = [
      { type: 'redirect', flow: 'join', policies: gate },
      { type: 'needing' },
      { type: 'deny' },
    ];
    const flow = testFlow('login', words, {}, [...real, needing]);
    expect(flowGraph(flow, new Set(['join']))).toBe(`flowchart TD
  start(["Sign in: anyone"])
  s0["redirect"]
  p0{"new here"}
  start --> p0
  p0 -->|yes| s0
  s0 -->|leads to| flow_join(["flow join"])
  s1["needing"]
  p0 -->|no, left out| s1
  s1_0["set_up"]
  s1 -.->|may put in| s1_0
  s1_0 -.-> s1
  s2["deny"]
  s1 --> s2
`);
  });

  it('shows links as dotted lines if their target exists, and how a denial ends', () => {
    const words = [{ type: 'identification' }, { type: 'password', configure: 'recovery' }];
    const changes = {
      policies: gate,
      denied: { action: 'continue' as const, text: null },
    };
    const flow = testFlow('login', words, changes);
    expect(flowGraph(flow, new Set(['recovery']))).toBe(`flowchart TD
  start(["Sign in: anyone"])
  admitted{"new here"}
  start --> admitted
  refused(["not admitted, sent on"])
  admitted -->|no| refused
  s0["identification"]
  admitted -->|yes| s0
  s1["password"]
  s0 --> s1
  s1 -.->|links to| flow_recovery(["flow recovery"])
  done(["done"])
  s1 --> done
`);
    expect(flowGraph(flow, new Set())).not.toContain('recovery');
  });
});
