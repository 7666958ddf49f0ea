/** Policies in dry-run mode do not decide; their verdicts are reported. */
import { describe, expect, it } from 'vitest';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import type { PolicySet } from '../../core/policy/policy.ts';

const dry = (line: string): PolicySet => ({
  match: 'all',
  bindings: [testBinding(false, { name: 'office', line, dryRun: true })],
});

describe('a dry run in a flow', () => {
  it('lets the flow start, leaves the stage in, and reports what it would have done', async () => {
    const flow = testFlow(
      'news',
      [{ type: 'message', title: 'News', text: 'News', policies: dry('news.yaml:7:9') }],
      { policies: dry('news.yaml:3:5') },
    );
    const engine = flowEngine({ flows: [LOGIN, LOGOUT, flow] });
    const seen = await flowBrowser(engine).send('/flow/news');
    expect([seen.status, seen.view.challenge.type]).toEqual([200, 'message']);
    const told = engine.events.all.filter((event) => event.type === 'dry-run');
    const no = { policy: 'office', code: 'dummy/fail', detail: null };
    const lines = new Set(told.flatMap(({ why }) => why.map((one) => JSON.stringify(one))));
    expect([...lines]).toEqual([
      JSON.stringify({ rule: 'news', ...no, line: 'news.yaml:3:5' }),
      JSON.stringify({ rule: 'news message', ...no, line: 'news.yaml:7:9' }),
    ]);
    expect(told[0]).toMatchObject({ flow: 'news', userId: null, clientIp: '192.0.2.7' });
    expect(told[0]?.requestId).not.toBe('');
  });

  it('reports nothing without dry runs', async () => {
    const engine = flowEngine();
    await flowBrowser(engine).send('/flow/login');
    expect(engine.events.all.filter((event) => event.type === 'dry-run')).toEqual([]);
  });
});
