import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';

const LOGOUT = testFlow(
  'logout',
  [{ type: 'user_logout' }, { type: 'message', title: 'Signed out', text: 'Until next time.' }],
  { designation: 'invalidation' },
);

describe('user_logout', () => {
  it('asks first, ends the session, then lets the flow continue', async () => {
    const engine = flowEngine({ flows: [LOGIN, LOGOUT] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open('/flow/logout');
    expect(page.view.challenge.type).toBe('user_logout');
    const bye = await browser.submit(page);
    expect(bye.view.challenge.title).toEqual({ literal: 'Signed out' });
    expect(await engine.sessions.count()).toBe(0);
    expect((await browser.submit(bye)).location).toBe('https://auth.example.com/');
  });

  it('passes for a user who is not signed in', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, LOGOUT] }));
    expect((await browser.open('/flow/logout')).view.challenge.type).toBe('message');
  });

  it('in two tabs ends the session once and passes twice', async () => {
    const engine = flowEngine({ flows: [LOGIN, LOGOUT] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const one = await browser.open('/flow/logout');
    const two = await browser.open('/flow/logout');
    await browser.submit(one);
    const seen = await browser.submit(two);
    expect(seen.status).toBe(200);
    expect(await engine.sessions.count()).toBe(0);
  });
});
