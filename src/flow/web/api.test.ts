import { describe, expect, it } from 'vitest';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  type Seen,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';

const WIKI = 'https://wiki.example.com/x';
type Script = ReturnType<typeof flowBrowser>;

function post(script: Script, last: Seen, answer: object, changes: object = {}): Promise<Seen> {
  const { seed, plan, csrf } = last.view;
  return script.send('/api/flow/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...(seed === undefined ? { plan } : { seed }),
      csrf,
      answer,
      ...changes,
    }),
  });
}

describe('the JSON API', () => {
  it('signs in with the same challenges as the pages', async () => {
    const script = flowBrowser(flowEngine());
    const first = await script.open(`/api/flow/login?rd=${encodeURIComponent(WIKI)}`);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(first.view).toMatchObject({
      done: false,
      flow: { name: 'login', title: 'Sign in' },
      app: { title: 'wiki', host: 'wiki.example.com' },
      stage: { id: 'identification', type: 'identification' },
      challenge: {
        title: 'Sign in',
        fields: [{ name: 'login', label: 'identification.login.either' }],
      },
    });
    const second = await post(script, first, { login: 'ann' });
    expect(second.view).toMatchObject({ done: false, stage: { type: 'password' } });
    const end = await post(script, second, { password: 'right' });
    expect([end.status, end.view]).toEqual([200, { done: true, location: WIKI }]);
    expect(end.cookies.map((line) => line.split('=', 1)[0])).toEqual([
      '__Host-doorward-portal',
      '__Secure-doorward',
      '__Host-doorward-device',
    ]);
    expect(await script.session()).not.toBeNull();
  });

  it('accepts every value it gave, unchanged', async () => {
    const script = flowBrowser(flowEngine());
    const first = await script.open('/api/flow/login');
    const { seed, csrf, revision, stage } = first.view;
    const second = await post(
      script,
      first,
      { login: 'ann' },
      { seed, csrf, revision, stage: stage.id },
    );
    expect(second.status).toBe(200);
  });

  it('rejects a wrong password with 401, an invalid submission with 422, too many with 429', async () => {
    const script = flowBrowser(flowEngine());
    let last = await post(script, await script.open('/api/flow/login'), { login: 'ann' });
    last = await post(script, last, { pass: 'word' });
    expect([last.status, last.view.refusal.code]).toEqual([422, 'answer/invalid']);
    for (let i = 0; i < 5; i += 1) {
      last = await post(script, last, { password: 'wrong' });
      expect([last.status, last.view.refusal.code]).toEqual([401, 'password/wrong']);
    }
    last = await post(script, last, { password: 'right' });
    expect([last.status, last.view.refusal.code]).toEqual([429, 'password/throttled']);
    expect(last.headers.get('retry-after')).toBe('30');
  });

  it('replies 503 to a full hashing queue and counts nothing', async () => {
    const engine = flowEngine();
    engine.directory.verifyPassword = () => Promise.resolve('busy');
    const script = flowBrowser(engine);
    const second = await post(script, await script.open('/api/flow/login'), { login: 'ann' });
    const busy = await post(script, second, { password: 'right' });
    expect([busy.status, busy.view.refusal.code]).toEqual([503, 'password/busy']);
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBe(0);
  });

  it('replies 409 to a stale run and 410 to an ended one, and says where to start again', async () => {
    const engine = flowEngine();
    const script = flowBrowser(engine);
    const first = await script.open('/api/flow/login');
    const second = await post(script, first, { login: 'ann' });
    const own = { origin: 'https://auth.example.com', 'content-type': 'application/json' };
    const send = (csrf: string) =>
      script.send('/api/flow/login', {
        method: 'POST',
        headers: own,
        body: JSON.stringify({ plan: second.view.plan, csrf, answer: { password: 'right' } }),
      });
    const stale = await send(first.view.csrf);
    expect([stale.status, stale.view.error]).toEqual([409, 'plan/stale']);
    expect(stale.view.restart).toMatch(/^https:\/\/auth\.example\.com\/api\/flow\/login/);
    // A script without identification and with a wrong token could be any client.
    const silent = await post(script, second, { password: 'right' }, { csrf: first.view.csrf });
    expect([silent.status, silent.view.error]).toEqual([403, 'csrf/foreign']);
    engine.clock.advance(1_800_000);
    const gone = await send(second.view.csrf);
    expect([gone.status, gone.view.error]).toEqual([410, 'plan/gone']);
    expect(await script.session()).toBeNull();
  });

  it.each([
    ['form data', 'csrf=x', 'application/x-www-form-urlencoded', 415],
    ['text', '{}', 'text/plain', 415],
    ['no JSON', '{', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['unknown keys', '{"csrf":"x","admin":true}', 'application/json', 400],
    ['a number for a token', '{"csrf":1}', 'application/json', 400],
    ['a prototype key', '{"csrf":"x","answer":{"__proto__":1}}', 'application/json', 400],
    ['no token', '{"answer":{}}', 'application/json', 403],
  ])('refuses %s', async (_name, body, type, status) => {
    const script = flowBrowser(flowEngine());
    await script.open('/api/flow/login');
    const seen = await script.send('/api/flow/login', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(seen.status).toBe(status);
    expect(seen.view).toMatchObject({ error: expect.any(String), request_id: 'r1' });
  });

  it('reports denials, unknown flows and required sign-ins with stable codes', async () => {
    const settings = testFlow('settings', [{ type: 'message', title: 'T', text: 'x' }], {
      requires: 'session',
      designation: 'configuration',
    });
    const deny = testFlow('closed', [{ type: 'deny' }], { designation: 'authorization' });
    const engine = flowEngine();
    swapFlows(engine, [LOGIN, LOGOUT, settings, deny]);
    const script = flowBrowser(engine);
    expect((await script.open('/api/flow/nowhere')).view.error).toBe('flow/unknown');
    const closed = await script.open('/api/flow/closed');
    expect([closed.status, closed.view.error]).toEqual([403, 'flow/denied']);
    const sent = await script.open('/api/flow/settings');
    expect(sent.status).toBe(401);
    expect(sent.view.reason).toBe('session/none');
    expect(sent.view.login_url).toMatch(/^https:\/\/auth\.example\.com\/flow\/login\?/);
  });

  it('is done at once for a signed-in user', async () => {
    const script = flowBrowser(flowEngine());
    await script.signIn();
    const seen = await script.open(`/api/flow/login?rd=${encodeURIComponent(WIKI)}`);
    expect(seen.view).toEqual({ done: true, location: WIKI });
  });
});

describe('a path that names no flow', () => {
  it.each(['/api/else', '/api/flow/login/more', '/api/'])('%s is refused as JSON', async (path) => {
    const seen = await flowBrowser(flowEngine()).open(path);
    expect(seen.status).toBe(404);
    expect(seen.view).toMatchObject({ error: 'flow/unknown', request_id: 'r1' });
    expect(seen.headers.get('cache-control')).toBe('no-store');
  });

  it('/flow/login/more is refused as a page', async () => {
    const seen = await flowBrowser(flowEngine()).open('/flow/login/more');
    expect(seen.status).toBe(404);
    expect(seen.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});
