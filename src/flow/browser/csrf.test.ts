import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine } from '../../../test/support/flow-fakes.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const LOGIN_FOR_WIKI = `/flow/login?rd=${encodeURIComponent(WIKI)}`;

describe('other sites', () => {
  const cases: readonly [string, Record<string, string>, number][] = [
    ['the page itself', {}, 303],
    ['our origin, an old browser', { 'sec-fetch-site': '' }, 303],
    ['same-origin without Origin', { origin: '' }, 303],
    ['no headers, but token and cookie right', { origin: '', 'sec-fetch-site': '' }, 303],
    ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': '' }, 403],
    ['another origin claiming to be the same', { origin: 'https://evil.example' }, 403],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': '' }, 403],
    ['a sibling host', { origin: 'https://wiki.example.com', 'sec-fetch-site': 'same-site' }, 403],
    ['cross-site without Origin', { origin: '', 'sec-fetch-site': 'cross-site' }, 403],
    ['our host over http', { origin: 'http://auth.example.com', 'sec-fetch-site': '' }, 403],
  ];
  it.each(cases)('%s', async (_name, headers, status) => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const page = await browser.open(LOGIN_FOR_WIKI);
    const all = { origin: 'https://auth.example.com', 'sec-fetch-site': 'same-origin', ...headers };
    const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const seen = await browser.send('/flow/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...kept },
      body: new URLSearchParams({ ...page.view.hidden, login: 'ann' }).toString(),
    });
    expect(seen.status).toBe(status);
    expect(engine.plans.all.size).toBe(status === 303 ? 1 : 0);
  });

  it('cannot sign a visitor in with their own account: token and cookie belong to one browser', async () => {
    const engine = flowEngine();
    const attacker = flowBrowser(engine);
    const page = await attacker.submit(await attacker.open('/flow/login'), { login: 'ann' });
    const victim = flowBrowser(engine);
    const silent = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ ...page.view.hidden, password: 'right' }).toString();
    expect(
      (await victim.send('/flow/login', { method: 'POST', headers: silent, body })).status,
    ).toBe(403);
    expect(await victim.session()).toBeNull();
  });

  it('a form without a token is refused, whatever its origin', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const { csrf: _csrf, ...hidden } = page.view.hidden;
    const seen = await browser.post({ ...page, view: { ...page.view, hidden } }, { login: 'ann' });
    expect(seen.status).toBe(403);
    expect(seen.view.code).toBe('csrf/foreign');
  });
});
