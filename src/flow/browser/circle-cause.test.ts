import { describe, expect, it } from 'vitest';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  type Seen,
} from '../../../test/support/flow-fakes.ts';
import { START } from '../../../test/support/fakes.ts';
import { testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import { cookieTest, lostCookie } from './circle-cause.ts';

const WIKI = 'https://wiki.example.com/a?b=c';
const FOR_WIKI = `/flow/login?rd=${encodeURIComponent(WIKI)}`;
const TICKET = '__Host-doorward-portal';

const textOf = (seen: Seen) => [seen.status, seen.view?.code, seen.view?.text?.key];

/** A browser that stores no cookie, after it has sent the first form and followed the redirect. */
async function withoutCookies(path = FOR_WIKI) {
  const engine = flowEngine({ flows: [LOGIN, LOGOUT] });
  const browser = flowBrowser(engine);
  const form = await browser.open(path);
  browser.jar.clear();
  const sent = await browser.post(form, { login: 'ann' });
  browser.jar.clear();
  return { engine, browser, form, sent };
}

describe('a browser that returns no cookie', () => {
  it('learns so after the first form, and that form cannot be the third', async () => {
    const { engine, browser, sent } = await withoutCookies();
    expect([sent.status, sent.cookies.length]).toEqual([303, 1]);
    const seen = await browser.open(sent.location);
    expect(textOf(seen)).toEqual([200, 'flow/circle', 'flow.circle.no-cookie']);
    expect(seen.view.title).toEqual({ key: 'flow.circle.title-lost' });
    expect([seen.view.primary.href, seen.view.requestId]).toEqual([WIKI, 'r1']);
    expect(engine.events.all.at(-1)).toMatchObject({
      type: 'flow',
      outcome: 'looped',
      code: 'circle/no-cookie',
      requestId: 'r1',
    });
  });

  it('is offered the form again, and a reload with cookies shows it', async () => {
    const { browser, sent } = await withoutCookies();
    const seen = await browser.open(sent.location);
    browser.jar.clear();
    const again = await browser.open(seen.view.secondary.href);
    expect(again.view.challenge.type).toBe('identification');
    // The cookie of that page has come back.
    expect((await browser.open(sent.location)).view.challenge.type).toBe('identification');
  });

  it.each([
    ['that is opened later', 10_000, (location: string) => location],
    ['of the future', -1, (location: string) => location],
    ['without the time', 0, (location: string) => location.replace(/tested=[^&]*/, 'x=1')],
    ['with two times', 0, (location: string) => `${location}&tested=1`],
    ['with another text', 0, (location: string) => location.replace(/tested=[^&]*/, 'tested=%3C')],
    ['that is too long', 0, (location: string) => location.replace('tested=', 'tested=000000')],
  ])('is no conclusion from a URL %s', async (_, later, changed) => {
    const { engine, browser, sent } = await withoutCookies();
    engine.clock.advance(later);
    const seen = await browser.open(changed(sent.location));
    expect(seen.view.challenge.type).toBe('identification');
  });

  it('gets no cookie for a form of another site', async () => {
    const { browser, form } = await withoutCookies();
    const sent = await browser.post(form, {}, { 'sec-fetch-site': 'cross-site' });
    expect([sent.status, sent.cookies]).toEqual([403, []]);
  });

  it('does not end a run: another tab has the cookie and sends its form', async () => {
    const browser = flowBrowser(flowEngine());
    const [one, two] = [await browser.open(FOR_WIKI), await browser.open(FOR_WIKI)];
    for (const form of [one, two]) {
      expect((await browser.submit(form, { login: 'ann' })).view.challenge.type).toBe('password');
    }
  });

  it('is not redirected as a script, which gets JSON', async () => {
    const { browser, sent } = await withoutCookies();
    const { search } = new URL(sent.location, 'https://auth.example.com');
    const seen = await browser.open(`/api/flow/login${search}`);
    expect(seen.status).toBe(409);
    expect(seen.view).toEqual({
      error: 'flow/circle',
      message: expect.any(String),
      request_id: 'r1',
      reason: 'circle/no-cookie',
    });
  });
});

describe('why a browser is back at once', () => {
  it.each([
    ['https://auth.example.com', 'http', 'scheme'],
    ['https://auth.example.com', 'https', 'no-cookie'],
    ['http://auth.example.com', 'http', 'no-cookie'],
  ] as const)(
    'names http, where no cookie of https comes: %s over %s',
    (publicUrl, scheme, why) => {
      const facts = testFacts({ scheme, authority: 'auth.example.com' });
      const run = { snapshot: testSnapshot({ publicUrl }), facts, now: START };
      expect(lostCookie(run, cookieTest(START))).toBe(why);
    },
  );

  it('names two cookies', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn(FOR_WIKI);
    Object.assign(engine.deps.visitors, { find: () => Promise.resolve({ cookies: 'two' }) });
    browser.jar.delete(TICKET);
    expect(textOf(await browser.open(FOR_WIKI))[2]).toBe('flow.circle.two-cookies');
  });

  it('names a session that is not recognized, on the third arrival', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.signIn(FOR_WIKI);
    await engine.sessions.endAll('fake/ann');
    // Ended from elsewhere: a reason to sign in again.
    expect((await browser.open(FOR_WIKI)).view.challenge.type).toBe('identification');
    await browser.signIn(FOR_WIKI);
    await engine.sessions.endAll('fake/ann');
    const seen = await browser.open(FOR_WIKI);
    expect(textOf(seen)).toEqual([200, 'flow/circle', 'flow.circle.unrecognized']);
    const reloaded = await browser.open(FOR_WIKI);
    expect(textOf(reloaded)).toEqual(textOf(seen));
    engine.clock.advance(10_000);
    expect((await browser.open(FOR_WIKI)).view.challenge.type).toBe('identification');
  });
});
