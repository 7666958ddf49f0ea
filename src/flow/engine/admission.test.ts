import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { portalCookie } from '../../core/setup/ticket-cookie.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const LOGIN_FOR_WIKI = `/flow/login?rd=${encodeURIComponent(WIKI)}`;

describe('who may run a flow', () => {
  it('shows who is signed in instead of looping, and offers to sign in again', async () => {
    const browser = flowBrowser(flowEngine());
    await browser.signIn();
    const seen = await browser.open(LOGIN_FOR_WIKI);
    expect(seen.status).toBe(200);
    expect(seen.view.title).toEqual({ key: 'flow.signed-in.title' });
    expect(seen.view.primary.href).toBe(WIKI);
    expect((await browser.open(seen.view.secondary.href)).view.challenge.type).toBe(
      'identification',
    );
  });

  it('redirects the visitor to sign in first if a session is required, and back', async () => {
    const flow = testFlow('settings', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'session',
      designation: 'configuration',
    });
    const engine = flowEngine({ flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    const sent = await browser.open('/flow/settings');
    expect(sent.location).toMatch(/^\/flow\/login\?as=other&rd=/);
    const end = await browser.signIn(sent.location);
    expect(end.location).toBe('https://auth.example.com/flow/settings');
    expect((await browser.open('/flow/settings')).view.challenge.type).toBe('message');
  });

  it('asks for a new sign-in if a fresh one is required', async () => {
    const flow = testFlow('delete', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'fresh',
      designation: 'unenrollment',
    });
    const engine = flowEngine({ flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    expect((await browser.open('/flow/delete')).status).toBe(200);
    engine.clock.advance(600_000);
    expect((await browser.open('/flow/delete')).location).toMatch(/^\/flow\/login\?as=other/);
  });

  it('drops a plan after another user has signed in', async () => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const flow = testFlow('step-up', [{ type: 'password' }, { type: 'user_login' }], {
      requires: 'session',
    });
    const engine = flowEngine({ users, flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open('/flow/step-up');
    await browser.signIn('/flow/login?as=other', 'bob');
    const seen = await browser.post(page, { password: 'right' });
    expect(seen.location).toBe('/flow/step-up?notice=restarted');
    expect(await browser.session()).toMatchObject({ userId: 'fake/bob' });
  });

  it('merges proofs of the same user', async () => {
    const flow = testFlow('step-up', [{ type: 'password' }, { type: 'user_login' }], {
      requires: 'session',
    });
    const engine = flowEngine({ flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const name = portalCookie(engine.live.current).name;
    const ticket = await engine.tickets.open(browser.jar.get(name) ?? '');
    const session = await browser.session();
    if (ticket === null || session === null) throw new Error('not signed in');
    await engine.sessions.start(ticket, { ...session, proofs: [{ method: 'totp', at: 1 }] });
    await browser.submit(await browser.open('/flow/step-up'), { password: 'right' });
    expect((await browser.session())?.proofs.map((p) => p.method)).toEqual(['totp', 'password']);
  });

  it('denies by the flow’s policies, errors included', async () => {
    const gate = {
      match: 'all' as const,
      bindings: [
        {
          name: 'broken',
          evaluate: () => {
            throw new Error('broken');
          },
          negate: false,
          otherwise: null,
          expires: null,
          dryRun: false,
          needs: [],
          field: null,
          at: 'login.policies[0]',
          line: '',
        },
      ],
    };
    const engine = flowEngine({ flows: [{ ...LOGIN, policies: gate }, LOGOUT] });
    const browser = flowBrowser(engine);
    const seen = await browser.open('/flow/login');
    expect([seen.status, seen.view.code]).toEqual([403, 'policy/error']);
  });

  it('opens link flows to no visitor without a link, and anonymous flows to no signed-in user', async () => {
    const link = testFlow('recovery', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'link',
    });
    const guests = testFlow('join', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'anonymous',
    });
    const engine = flowEngine({ flows: [LOGIN, link, guests] });
    const browser = flowBrowser(engine);
    expect((await browser.open('/flow/recovery')).view.code).toBe('flow/link');
    expect((await browser.open('/flow/join')).view.challenge.type).toBe('message');
    await browser.signIn();
    expect((await browser.open('/flow/join')).view.secondary).toBeNull();
  });
});
