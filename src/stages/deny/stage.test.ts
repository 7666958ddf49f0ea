import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';

describe('deny', () => {
  it('never passes, however often it is tried', async () => {
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'password' },
      { type: 'deny' },
      { type: 'user_login' },
    ]);
    const engine = flowEngine({ flows: [flow] });
    const browser = flowBrowser(engine);
    const end = await browser.signIn();
    expect([end.status, end.view.code, end.view.text]).toEqual([
      403,
      'flow/denied',
      { key: 'deny.text' },
    ]);
    expect(await engine.sessions.count()).toBe(0);
    expect(engine.events.all.at(-1)).toMatchObject({ outcome: 'stopped', code: 'flow/denied' });
  });

  it('shows the operator’s text', async () => {
    const flow = testFlow('closed', [{ type: 'deny', text: 'Ask Bob.' }]);
    const engine = flowEngine({ flows: [flow] });
    const seen = await flowBrowser(engine).open('/flow/closed');
    expect([seen.status, seen.view.text]).toEqual([403, { literal: 'Ask Bob.' }]);
    expect(engine.plans.writes).toBe(0);
  });
});
