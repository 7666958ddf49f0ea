/**
 * Redirects lead only to the portal and back to our own hosts, whatever headers, parameters and
 * forms say.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, NAVIGATION, readForm } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';

const EVIL = 'attacker.invalid';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: false });
});
afterAll(() => world.close());

/** Whether a URL is one of ours; '' is none at all. */
function isOurs(url: string): boolean {
  if (url === '') return true;
  const { hostname, protocol } = new URL(url, world.gateway.portal);
  return protocol === 'http:' && (hostname === 'gw.test' || hostname.endsWith('.gw.test'));
}

/** Every URL that a reply leads to. */
function pointers({ location, headers, body }: Answer): string[] {
  const found = [...body.matchAll(/\b(?:href|src|action|content)="([^"]*)"/g)].map(
    (m) => m[1] ?? '',
  );
  const refresh = headers['refresh'] === undefined ? [] : [headers['refresh']];
  return [location, ...refresh, ...found];
}

const alter = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

describe('redirects from headers', () => {
  it('REDIR-xfh-location: contain no host that an untrusted peer forwards', async () => {
    const lies = [
      `X-Forwarded-Host: ${EVIL}`,
      'X-Forwarded-Proto: javascript',
      `X-Forwarded-Prefix: //${EVIL}`,
      `X-Forwarded-Uri: //${EVIL}/x`,
      `X-Forwarded-Server: ${EVIL}`,
      `X-Original-URL: https://${EVIL}/x`,
      `X-Rewrite-URL: https://${EVIL}/x`,
      `Forwarded: host=${EVIL};proto=javascript`,
      `X-Host: ${EVIL}`,
      `Referer: https://${EVIL}/`,
      `Origin: https://${EVIL}`,
    ];
    const hosts = ['app.gw.test', `auth.gw.test:${world.gateway.port}`];
    for (const host of hosts) {
      for (const target of ['/admin/secret', '/', '/flow/logout', '/.doorward/sign-out']) {
        const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Accept: text/html', ...lies];
        const raw = await sendRaw(
          world.gateway.port,
          `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`,
        );
        const [answer] = answersOf(raw);
        expect(answer?.status).toBeLessThan(405);
        expect(raw).not.toContain(EVIL);
        expect(raw).not.toMatch(/javascript:/i);
        const location = /^location: (.*)$/im.exec(answer?.head ?? '')?.[1];
        if (location === undefined) continue;
        const to = new URL(location.trim());
        expect(to.origin).toBe(world.gateway.portal);
        const back = to.searchParams.get('rd');
        if (back !== null) expect(isOurs(back)).toBe(true);
      }
    }
    expect(world.app.seen).toEqual([]);
  });

  it('REDIR-referer: never lead back to the Referer', async () => {
    const { client } = await world.signIn('alice');
    for (const referer of [
      'javascript:alert(1)',
      `https://${EVIL}/`,
      `//${EVIL}`,
      'data:text/html,x',
    ]) {
      const pages = [
        await client.open(`${world.gateway.portal}/nowhere`, { referer }),
        await client.open(`${world.gateway.app('app')}/admin/`, { referer }),
        await client.open(`${world.gateway.app('app')}/%c0%af`, { referer }),
        await client.open(world.gateway.app('unknown'), { referer }),
        await client.open(`${world.gateway.portal}/flow/login`, { referer }),
        await client.open(`${world.gateway.portal}/flow/nothing`, { referer }),
        await client.open(`${world.gateway.portal}/flow/logout`, { referer }),
      ];
      for (const page of pages) {
        expect(page.body).not.toContain(referer);
        for (const to of pointers(page)) expect(to).not.toMatch(/javascript:|data:|attacker/i);
      }
    }
  });
});

describe('redirects from parameters', () => {
  it('REDIR-logout: stay on our own page after signing out', async () => {
    const targets = [
      `https://${EVIL}`,
      `//${EVIL}`,
      `http://app.gw.test@${EVIL}/`,
      `http://${EVIL}#.gw.test`,
      'javascript:alert(1)',
    ];
    for (const to of targets) {
      const { client } = await world.signIn('alice');
      const rd = encodeURIComponent(to);
      const question = await client.open(`${world.gateway.portal}/flow/logout?rd=${rd}`);
      for (const pointer of pointers(question)) expect(isOurs(pointer), pointer).toBe(true);
      // The form may be manipulated, too: its own field, and one in the URL it is sent to.
      const { hidden, action } = readForm(question);
      const left = await client.send(`${action}?rd=${rd}`, {
        method: 'POST',
        headers: {
          ...NAVIGATION,
          origin: world.gateway.portal,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ ...hidden, rd: to }).toString(),
      });
      expect(ticketOf(client)).toBeNull();
      expect(isOurs(left.location), left.location).toBe(true);
      const page = left.location === '' ? left : await client.follow(left.location);
      expect(isOurs(page.url)).toBe(true);
      for (const pointer of pointers(page)) expect(pointer).not.toContain(EVIL);
    }
  });

  it('REDIR-param-dup: ignore two destinations, at the check and at the use', async () => {
    const app = world.gateway.app('app');
    const good = encodeURIComponent(`${app}/ok`);
    const bad = encodeURIComponent(`//${EVIL}`);
    const queries = [
      `rd=${good}&rd=${bad}`,
      `rd=${bad}&rd=${good}`,
      `rd=${good}&rd=${encodeURIComponent(`https://${EVIL}/`)}`,
      `rd[]=${bad}`,
      `rd[]=${good}&rd[]=${bad}`,
      `rd%5B%5D=${bad}`,
      `RD=${bad}`,
      `rd=${good}%00${bad}`,
      `redirect=${bad}&url=${bad}&next=${bad}&return_to=${bad}`,
    ];
    for (const query of queries) {
      const client = new Client();
      const first = await client.open(`${world.gateway.portal}/flow/login?${query}`);
      for (const pointer of pointers(first)) expect(pointer, query).not.toContain(EVIL);
      const second = await client.submitAndFollow(first, { login: 'alice' });
      const last = await client.submit(second, { password: PASSWORD });
      expect(last.status, query).toBe(303);
      expect(new URL(last.location).href, query).toBe(`${world.gateway.portal}/`);
    }
    // In a form, a repeated field is refused when it is parsed.
    const client = new Client();
    const first = await client.open(`${world.gateway.portal}/flow/login?rd=${good}`);
    const { action, hidden } = readForm(first);
    const body = `${new URLSearchParams({ ...hidden, login: 'alice' }).toString()}&rd=${bad}`;
    const headers = {
      ...NAVIGATION,
      origin: world.gateway.portal,
      'content-type': 'application/x-www-form-urlencoded',
    };
    expect((await client.send(action, { method: 'POST', headers, body })).status).toBe(400);
  });

  it('REDIR-unsigned-params: use sealed or signed values that cannot be altered, dropped or moved', async () => {
    const app = world.gateway.app('app');
    const rd = encodeURIComponent(`${app}/ok`);
    const changes: [string, (hidden: Record<string, string>) => Record<string, string>][] = [
      ['seed altered', (h) => ({ ...h, seed: alter(h['seed'] ?? '') })],
      ['seed cut', (h) => ({ ...h, seed: (h['seed'] ?? '').slice(0, -4) })],
      ['seed dropped', (h) => ({ ...h, seed: '' })],
      ['token altered', (h) => ({ ...h, csrf: alter(h['csrf'] ?? '') })],
      ['token dropped', (h) => ({ ...h, csrf: '' })],
      ['revision raised', (h) => ({ ...h, revision: '1' })],
      ['revision negative', (h) => ({ ...h, revision: '-1' })],
      ['plan beside the seed', (h) => ({ ...h, plan: 'A'.repeat(22) })],
      ['another stage', (h) => ({ ...h, stage: 'user_login' })],
    ];
    for (const [name, change] of changes) {
      const client = new Client();
      const first = await client.open(`${world.gateway.portal}/flow/login?rd=${rd}`);
      const fields = { ...change(readForm(first).hidden), login: 'alice' };
      for (const flow of ['login', 'logout']) {
        const answer = await client.send(`${world.gateway.portal}/flow/${flow}`, {
          method: 'POST',
          headers: {
            ...NAVIGATION,
            origin: world.gateway.portal,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams(fields).toString(),
        });
        expect([303, 400, 403], name).toContain(answer.status);
        expect(isOurs(answer.location), name).toBe(true);
        const page = answer.location === '' ? answer : await client.open(answer.location);
        expect(page.body, name).not.toContain('current-password');
      }
    }
    // The plain destination is only a fallback: it does not replace the sealed one.
    const client = new Client();
    const first = await client.open(`${world.gateway.portal}/flow/login?rd=${rd}`);
    const second = await client.submitAndFollow(first, { login: 'alice', rd: `https://${EVIL}/` });
    const last = await client.submit(second, { password: PASSWORD, rd: `https://${EVIL}/` });
    expect(last.location).toBe(`${app}/ok`);
  });
});
