import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { storeUnavailable } from '../../core/values/problem.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const LOGIN_FOR_WIKI = `/flow/login?rd=${encodeURIComponent(WIKI)}`;

const send = async (body: string, headers: Record<string, string> = {}) => {
  const browser = flowBrowser(flowEngine());
  await browser.open('/flow/login');
  return browser.send('/flow/login', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://auth.example.com',
      ...headers,
    },
    body,
  });
};

describe('signing in', () => {
  it('leads from the form back to the exact requested page', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const end = await browser.signIn(LOGIN_FOR_WIKI);
    expect(end.status).toBe(303);
    expect(end.location).toBe(WIKI);
    expect(await browser.session()).toMatchObject({
      userId: 'fake/ann',
      proofs: [{ method: 'password' }],
    });
  });

  it('leads to the portal without a destination, or with another site’s', async () => {
    for (const rd of ['', '?rd=https://evil.example/', `?rd=${WIKI}&rd=https://evil.example/`]) {
      const browser = flowBrowser(flowEngine());
      expect((await browser.signIn(`/flow/login${rd}`)).location).toBe('https://auth.example.com/');
    }
  });

  it('writes nothing before the first POST', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    await browser.open(LOGIN_FOR_WIKI);
    await browser.open(LOGIN_FOR_WIKI);
    expect(engine.plans.writes).toBe(0);
    expect(engine.throttle.counts.size).toBe(0);
    expect(engine.sessions.calls).toEqual([]);
  });

  it('sets its cookies for the host alone and out of reach of scripts; only the device’s lasts, for 400 days', async () => {
    const browser = flowBrowser(flowEngine());
    const first = await browser.open('/flow/login');
    expect(first.cookies).toEqual([
      expect.stringMatching(
        /^__Host-doorward-browser=[A-Za-z0-9_-]{22}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
    const end = await browser.signIn();
    expect(end.cookies).toEqual([
      expect.stringMatching(
        /^__Host-doorward-portal=\S+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ),
      expect.stringMatching(
        /^__Secure-doorward=\S+; Path=\/; HttpOnly; SameSite=Lax; Secure; Domain=example.com$/,
      ),
      expect.stringMatching(
        /^__Host-doorward-device=[A-Za-z0-9_-]{22}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000$/,
      ),
    ]);
  });

  it('replies to a POST with 303, never with a page', async () => {
    const browser = flowBrowser(flowEngine());
    const first = await browser.open('/flow/login');
    const moved = await browser.post(first, { login: 'ann' });
    expect(moved.status).toBe(303);
    expect(moved.location).toMatch(/^\/flow\/login\?plan=/);
  });

  it('sends the security headers with every reply, and names the return origin for the form', async () => {
    const browser = flowBrowser(flowEngine());
    const page = await browser.open(LOGIN_FOR_WIKI);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-request-id')).toBe('r1');
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://wiki.example.com",
    );
    expect((await browser.open('/flow/nowhere')).headers.get('cache-control')).toBe('no-store');
  });

  it('treats HEAD like GET and refuses other methods', async () => {
    const browser = flowBrowser(flowEngine());
    expect(await browser.send('/flow/login', { method: 'HEAD' })).toMatchObject({
      status: 200,
      text: '',
    });
    const put = await browser.send('/flow/login', { method: 'PUT' });
    expect(put.status).toBe(405);
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('ignores submissions in a query', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const query = new URLSearchParams({ ...page.view.hidden, login: 'ann' });
    const seen = await browser.open(`/flow/login?${query.toString()}`);
    expect(seen.view.challenge.type).toBe('identification');
    expect(engine.plans.writes).toBe(0);
  });

  it('knows no unconfigured flow', async () => {
    const seen = await flowBrowser(flowEngine()).open('/flow/nowhere');
    expect(seen.status).toBe(404);
    expect(seen.view.code).toBe('flow/unknown');
  });
});

describe('rejected submissions', () => {
  it('are reported after the redirect, with the username kept for password managers', async () => {
    const browser = flowBrowser(flowEngine());
    const second = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const refused = await browser.submit(second, { password: 'wrong' });
    expect(refused.status).toBe(200);
    expect(refused.view.rejection).toEqual({ key: 'password.wrong' });
    expect(refused.view.challenge.fields[0]).toEqual({ kind: 'username', value: 'ann' });
    expect((await browser.submit(refused, { password: 'right' })).location).toMatch(/^https:/);
  });

  it('look the same for a wrong password, an unknown name and a disabled account', async () => {
    const users = [testUser(), testUser({ id: 'fake/dan', name: 'dan', disabled: true })];
    const seen = [];
    for (const [login, password] of [
      ['ann', 'wrong'],
      ['nix', 'wrong'],
      ['nix', 'right'],
      ['dan', 'right'],
    ] as const) {
      const browser = flowBrowser(flowEngine({ users }));
      const second = await browser.submit(await browser.open('/flow/login'), { login });
      const post = await browser.post(second, { password });
      const page = await browser.open(post.location);
      seen.push(
        JSON.stringify([
          post.status,
          post.location,
          [...post.headers],
          page.status,
          page.text,
          [...page.headers],
        ]).replaceAll(login, 'NAME'),
      );
      expect(await browser.session()).toBeNull();
    }
    expect(new Set(seen).size).toBe(1);
  });

  it('keep the username when username and password share a page', async () => {
    const flow = testFlow('login', [
      { type: 'identification', with_password: true },
      { type: 'user_login' },
    ]);
    const browser = flowBrowser(flowEngine({ flows: [flow] }));
    const refused = await browser.submit(await browser.open('/flow/login'), {
      login: 'ann',
      password: 'wrong',
    });
    expect(refused.view.rejection).toEqual({ key: 'identification.wrong' });
    expect(refused.view.challenge.fields[0].value).toBe('ann');
    expect(refused.text).not.toContain('"wrong"');
    expect((await browser.submit(refused, { login: 'ann', password: 'right' })).status).toBe(303);
    expect(await browser.session()).not.toBeNull();
  });

  it('of invalid shape leave the plan unchanged', async () => {
    const browser = flowBrowser(flowEngine());
    const second = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const refused = await browser.submit(second, {});
    expect(refused.view.challenge.type).toBe('password');
    expect(refused.view.rejection).toEqual({ key: 'flow.refused.answer' });
    const odd = await browser.submit(refused, { password: 'right', admin: 'true' });
    expect(odd.view.rejection).toEqual({ key: 'flow.refused.answer' });
    expect(await browser.session()).toBeNull();
  });
});

describe('bodies', () => {
  it.each([
    ['JSON at the page endpoint', '{}', { 'content-type': 'application/json' }, 415],
    ['text that looks like JSON', '{}', { 'content-type': 'text/plain' }, 415],
    ['multipart', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['compressed', 'csrf=x', { 'content-encoding': 'gzip' }, 415],
    ['too large', `csrf=${'x'.repeat(70_000)}`, {}, 413],
    ['a repeated name', 'csrf=a&csrf=b', {}, 400],
    ['a repeated input', 'csrf=a&login=b&login=c', {}, 400],
    ['a prototype name', 'csrf=a&__proto__=x', {}, 400],
    ['too many fields', Array.from({ length: 65 }, (_, i) => `f${i}=`).join('&'), {}, 400],
    ['an odd revision', 'csrf=a&revision=-1', {}, 400],
  ])('%s', async (_name, body, headers, status) => {
    const seen = await send(body, headers);
    expect(seen.status).toBe(status);
  });
});

describe('ends', () => {
  it('a denial is a page with its reason and the request’s id', async () => {
    const flow = testFlow('login', [{ type: 'identification' }, { type: 'deny', text: 'Closed.' }]);
    const browser = flowBrowser(flowEngine({ flows: [flow] }));
    const end = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    expect([end.status, end.view.code, end.view.requestId]).toEqual([403, 'flow/denied', 'r1']);
    expect(end.view.text).toEqual({ literal: 'Closed.' });
    expect(end.view.primary.href).toBe('/flow/login');
  });

  it('a redirect leads to one of our URLs and never skips a stage', async () => {
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'redirect', to: WIKI },
      { type: 'password' },
      { type: 'user_login' },
    ]);
    const browser = flowBrowser(flowEngine({ flows: [flow] }));
    const first = await browser.open('/flow/login');
    expect(first.headers.get('content-security-policy')).toContain('https://wiki.example.com');
    const away = await browser.post(first, { login: 'ann' });
    expect(away.location).toBe(WIKI);
    const again = await browser.post(first, { login: 'ann' });
    expect((await browser.open(again.location)).location).toBe(WIKI);
  });

  it('a failing store is a 503 that gives no access, with a code and without a cause', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const second = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    engine.sessions.fault = storeUnavailable(new Error('redis at 10.0.0.5 is down'));
    const seen = await browser.post(second, { password: 'right' });
    expect([seen.status, seen.view.code]).toEqual([503, 'store/unavailable']);
    expect(seen.headers.get('retry-after')).toBe('5');
    expect(seen.text).not.toContain('10.0.0.5');
    expect(seen.cookies).toEqual([]);
    expect(engine.events.all.at(-1)).toMatchObject({ type: 'fault', requestId: 'r1' });
  });
});
