import { describe, expect, it } from 'vitest';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { testUser } from '../../../test/support/fakes.ts';
import { testBinding } from '../../../test/support/snapshot.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const FOR_WIKI = `rd=${encodeURIComponent(WIKI)}`;
const TICKET = '__Host-doorward-portal';
const no = { match: 'all' as const, bindings: [testBinding(false)] };

/** A step-up that requires nothing any more. */
const EMPTY = testFlow('step-up', [{ type: 'password', policies: no }], { requires: 'session' });
const MANNERS = testFlow('manners', [{ type: 'message', title: 'T', text: 'x' }], {
  designation: 'configuration',
});
const REST = testFlow('rest', [{ type: 'password' }, { type: 'user_login' }], {
  requires: 'session',
  designation: 'authorization',
});

const isCircle = (seen: Seen): boolean => seen.status === 200 && seen.view.code === 'flow/circle';

describe('an app that redirects users back to a flow they have just completed', () => {
  it('gets a page with two ways on the second time, instead of a redirect loop', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, EMPTY] }));
    await browser.signIn();
    expect((await browser.open(`/flow/step-up?${FOR_WIKI}`)).location).toBe(WIKI);
    const seen = await browser.open(`/flow/step-up?${FOR_WIKI}`);
    expect(isCircle(seen)).toBe(true);
    expect(seen.view.text).toEqual({ key: 'flow.circle.text' });
    expect(seen.view.primary.href).toBe(WIKI);
    expect((await browser.open(seen.view.secondary.href)).location).toBe(WIKI);
  });

  it('gets the page after a form as well, and never requires another password', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, REST] }));
    await browser.signIn();
    const page = await browser.open(`/flow/rest?${FOR_WIKI}`);
    expect((await browser.submit(page, { password: 'right' })).location).toBe(WIKI);
    expect(isCircle(await browser.open(`/flow/rest?${FOR_WIKI}`))).toBe(true);
  });

  it('because the browser stores no session gets a page that says so', async () => {
    const browser = flowBrowser(flowEngine());
    await browser.signIn(`/flow/login?${FOR_WIKI}`);
    browser.jar.delete(TICKET);
    const seen = await browser.open(`/flow/login?${FOR_WIKI}`);
    expect(isCircle(seen)).toBe(true);
    expect(seen.view.text).toEqual({ key: 'flow.circle.lost' });
    expect((await browser.open(seen.view.secondary.href)).view.challenge.type).toBe(
      'identification',
    );
  });

  it('because the browser has an old ticket instead gets a page that says so as well', async () => {
    const browser = flowBrowser(flowEngine());
    await browser.signIn(`/flow/login?${FOR_WIKI}`);
    browser.jar.set(TICKET, 'sealed.old.secret');
    const seen = await browser.open(`/flow/login?${FOR_WIKI}`);
    expect([isCircle(seen), seen.view.text]).toEqual([true, { key: 'flow.circle.unrecognized' }]);
  });

  it('gets the page for a user with an invalid ticket, too', async () => {
    const browser = flowBrowser(flowEngine({ flows: [MANNERS] }));
    browser.jar.set(TICKET, 'sealed.old.secret');
    await browser.submit(await browser.open(`/flow/manners?${FOR_WIKI}`));
    expect(isCircle(await browser.open(`/flow/manners?${FOR_WIKI}`))).toBe(true);
  });

  it('and requires a fresh sign-in does not cause a redirect loop', async () => {
    const fresh = testFlow('settings', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'fresh',
    });
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, fresh] }));
    const sent = await browser.open('/flow/settings');
    await browser.signIn(sent.location);
    browser.jar.delete(TICKET);
    const again = await browser.open('/flow/settings');
    expect(isCircle(await browser.open(again.location))).toBe(true);
  });

  it.each([
    [
      'for another page',
      async (browser: Browser) =>
        browser.open('/flow/manners?rd=https%3A%2F%2Fwiki.example.com%2F'),
    ],
    ['without a reason', async (browser: Browser) => browser.open('/flow/manners')],
    [
      'ten seconds later',
      async (browser: Browser) => {
        browser.engine.clock.advance(10_000);
        return browser.open(`/flow/manners?${FOR_WIKI}`);
      },
    ],
    ['on purpose', async (browser: Browser) => browser.open(`/flow/manners?again=1&${FOR_WIKI}`)],
    [
      'when another user has signed in meanwhile',
      async (browser: Browser) => {
        await browser.signIn('/flow/login?as=other', 'bob');
        return browser.open(`/flow/manners?${FOR_WIKI}`);
      },
    ],
    [
      'when their session was ended from elsewhere',
      async (browser: Browser) => {
        await browser.engine.sessions.endAll('fake/ann');
        return browser.open(`/flow/manners?${FOR_WIKI}`);
      },
    ],
    [
      'after they have signed out',
      async (browser: Browser) => {
        await browser.submit(await browser.open('/flow/logout'));
        return browser.open(`/flow/manners?${FOR_WIKI}`);
      },
    ],
  ])('is not a loop %s', async (_name, come) => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob' })];
    const engine = flowEngine({ flows: [LOGIN, LOGOUT, MANNERS], users });
    const browser = Object.assign(flowBrowser(engine), { engine });
    await browser.signIn();
    await browser.submit(await browser.open(`/flow/manners?${FOR_WIKI}`));
    expect(isCircle(await browser.open(`/flow/manners?${FOR_WIKI}`))).toBe(true);
    expect((await come(browser)).view.challenge.type).toBe('message');
  });

  it('is still recognized just before ten seconds are over', async () => {
    const engine = flowEngine({ flows: [LOGIN, EMPTY] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    await browser.open(`/flow/step-up?${FOR_WIKI}`);
    engine.clock.advance(9_999);
    expect(isCircle(await browser.open(`/flow/step-up?${FOR_WIKI}`))).toBe(true);
  });

  it('does not stop a user from signing in, out and in again at once', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, LOGOUT] }));
    for (let i = 0; i < 3; i += 1) {
      expect((await browser.signIn(`/flow/login?${FOR_WIKI}`)).location).toBe(WIKI);
      await browser.submit(await browser.open('/flow/logout'));
      expect(await browser.session()).toBeNull();
    }
  });

  it('is not affected by a malformed cookie', async () => {
    const odd = [`${'A'.repeat(22)}.zzzzzzzzzzz.`, `${'A'.repeat(22)}.1.?`, 'a'.repeat(3000)];
    for (const value of ['~', 'x.y', '"', ...odd]) {
      const browser = flowBrowser(flowEngine({ flows: [MANNERS] }));
      browser.jar.set('__Host-doorward-ended', value);
      const seen = await browser.open(`/flow/manners?${FOR_WIKI}`);
      expect(seen.view.challenge.type).toBe('message');
    }
  });

  it('never stops a script, which is not redirected', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, EMPTY] }));
    await browser.signIn();
    for (let i = 0; i < 3; i += 1) {
      const seen = await browser.open(`/api/flow/step-up?${FOR_WIKI}`);
      expect(seen.view).toEqual({ done: true, location: WIKI });
    }
  });
});

type Browser = ReturnType<typeof flowBrowser> & { readonly engine: ReturnType<typeof flowEngine> };

const jump = testFlow('join', [
  { type: 'message', title: 'T', text: 'x' },
  { type: 'redirect', flow: 'login' },
]);
const to = (url: string) => testFlow('go', [{ type: 'redirect', to: url }]);

describe('from one flow to another', () => {
  it('the destination is kept', async () => {
    const browser = flowBrowser(flowEngine({ flows: [LOGIN, jump] }));
    const end = await browser.post(await browser.open(`/flow/join?${FOR_WIKI}`));
    const login = new URL(end.location);
    expect([login.origin, login.pathname]).toEqual(['https://auth.example.com', '/flow/login']);
    expect(login.searchParams.get('rd')).toBe(WIKI);
    expect((await browser.signIn(login.pathname + login.search)).location).toBe(WIKI);
  });

  it('a destination in the URL is kept, and no other URL gets one', async () => {
    const own = `https://auth.example.com/flow/login?rd=${encodeURIComponent('https://wiki.example.com/z')}`;
    for (const url of [own, 'https://wiki.example.com/x', 'https://auth.example.com/account']) {
      const browser = flowBrowser(flowEngine({ flows: [LOGIN, to(url)] }));
      expect((await browser.open(`/flow/go?${FOR_WIKI}`)).location).toBe(url);
    }
  });

  it('and back again at once shows a page instead of a loop', async () => {
    const one = testFlow('one', [{ type: 'redirect', flow: 'two' }]);
    const two = testFlow('two', [{ type: 'redirect', flow: 'one' }]);
    for (const path of ['/flow/one', `/flow/one?${FOR_WIKI}`]) {
      const browser = flowBrowser(flowEngine({ flows: [one, two] }));
      let seen = await browser.open(path);
      for (let hops = 0; seen.status === 303; hops += 1) {
        expect(hops).toBeLessThan(3);
        seen = await browser.open(seen.location);
      }
      expect(isCircle(seen)).toBe(true);
    }
  });
});
