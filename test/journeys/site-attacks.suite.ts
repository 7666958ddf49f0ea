/**
 * What attackers see at every proxy, and the ticket that apps must not see. Part of the site
 * journey.
 */
import { describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { identityOf, type Journey, last, reached } from '../support/journey.ts';
import { sendRaw, statuses } from '../support/raw.ts';

/** Header names under which a client might pose as another user, as sent. */
const FORGED: readonly (readonly [string, string])[] = [
  ['Remote-User', 'root'],
  ['remote-user', 'root'],
  ['Remote_User', 'root'],
  ['REMOTE_USER', 'root'],
  ['Remote.User', 'root'],
  ['remote.user', 'root'],
  ['Remote-Groups', 'admins'],
  ['Remote_Groups', 'admins'],
  ['Remote-Name', 'Root'],
  ['Remote-Email', 'root@example.test'],
  ['X-Doorward-Jwt', 'e30.e30.'],
  ['X_Doorward_Jwt', 'e30.e30.'],
];

/** Registers the attacks on the site. */
export function attacks(at: () => Journey): void {
  describe('an attacker', () => {
    it.each(['wiki', 'board'] as const)('cannot forge an identity header at %s', async (app) => {
      const { site, ann } = at();
      for (const [name, value] of FORGED) {
        await ann.send(`${site[app]}/`, { headers: { [name]: value } });
        expect([name, last(site, app).values('Remote-User')]).toEqual([name, ['ann']]);
        const ours = identityOf(last(site, app));
        expect([name, ours.filter((one) => one === value)]).toEqual([name, []]);
      }
      expect(reached(site)).toHaveLength(FORGED.length);
    });

    it('cannot forge one on a public path, either', async () => {
      const { site } = at();
      for (const [name, value] of FORGED) {
        await new Client().send(`${site.wiki}/assets/x`, { headers: { [name]: value } });
        expect([name, identityOf(last(site))]).toEqual([name, []]);
      }
      expect(reached(site)).toHaveLength(FORGED.length);
    });

    it.each(['remote-user', 'close, Remote-User', 'Remote-Groups, keep-alive', 'x-doorward-jwt'])(
      'cannot remove ours on the way by Connection: %s',
      async (connection) => {
        const { site, ann } = at();
        const lines = [
          'GET /cut HTTP/1.1',
          `Host: wiki.demo.localhost:${site.port}`,
          `Cookie: ${ann.cookieHeader('wiki.demo.localhost')}`,
        ];
        const end = ['', ''];
        await sendRaw(site.port, [...lines, `Connection: ${connection}`, ...end].join('\r\n'));
        for (const seen of reached(site)) {
          expect(seen.values('Remote-User')).toEqual(['ann']);
          expect(seen.values('Remote-Groups')).toHaveLength(1);
          expect(seen.values('X-Doorward-Jwt')).toHaveLength(1);
        }
        expect(reached(site)).toHaveLength(1);
      },
    );

    it.each(['nginx', 'caddy', 'traefik', 'haproxy'])(
      'cannot send %s checks as a client',
      async (d) => {
        const { site, ann } = at();
        const lies = {
          'x-original-url': `${site.wiki}/assets/x`,
          'x-original-method': 'GET',
          'x-forwarded-method': 'GET',
          'x-forwarded-proto': 'http',
          'x-forwarded-host': new URL(site.wiki).host,
          'x-forwarded-uri': '/assets/x',
          'x-forwarded-for': '127.0.0.1',
        };
        for (const origin of [site.portal, site.wiki]) {
          for (const path of [`/.doorward/check/${d}`, `/.doorward/check/${d}?answer=whole`]) {
            const answer = await ann.send(origin + path, { headers: lies });
            expect(answer.status).toBeGreaterThanOrEqual(400);
            expect(answer.headers['remote-user']).toBeUndefined();
          }
        }
        expect(reached(site)).toEqual([]);
      },
    );

    it('cannot falsify their address or the original request', async () => {
      const { site, ann, bea } = at();
      const answer = await bea.send(`${site.board}/`, {
        headers: {
          'X-Original-URL': `${site.wiki}/`,
          'X-Forwarded-Uri': '/assets/x',
          'X-Forwarded-Host': new URL(site.wiki).host,
          'X-Forwarded-For': '10.0.0.1',
        },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      await ann.send(`${site.wiki}/`, { headers: { 'X-Forwarded-For': '10.0.0.1' } });
      expect(last(site).values('X-Forwarded-For')).toEqual(['127.0.0.1']);
      expect(site.apps.board.seen).toEqual([]);
    });

    it('gains no access by an unusual spelling of a path', async () => {
      const { site } = at();
      const odd = ['/assets/../private', '/assets/%2e%2e/private', '/assets/..%2fprivate', '//x'];
      for (const path of odd) {
        const raw = await sendRaw(
          site.port,
          `GET ${path} HTTP/1.1\r\nHost: wiki.demo.localhost:${site.port}\r\nConnection: close\r\n\r\n`,
        );
        expect([path, statuses(raw)[0]]).not.toEqual([path, 200]);
      }
      expect(reached(site)).toEqual([]);
    });
  });
}

/** The ticket at every app, however the proxy removes it from a request. */
export function ticketStays(at: () => Journey): void {
  it('keeps the ticket from apps, and no other cookie', async () => {
    const { site, ann } = at();
    ann.setCookie('theme', 'dark', 'wiki.demo.localhost', true);
    await ann.open(`${site.wiki}/`);
    const cookies = last(site).values('Cookie').join('; ');
    expect(cookies).toContain('theme=dark');
    expect(cookies).not.toMatch(/doorward/);
  });
}

/** The same in every form, for a proxy that leaves other cookies exactly as they were. */
export function ticketForms(at: () => Journey): void {
  it.each([
    ['alone', (own: string) => own, ''],
    ['between others', (own: string) => `a=1; ${own}; b=2`, 'a=1; b=2'],
    ['twice', (own: string) => `a=1; ${own}; ${own}`, 'a=1'],
    ['with a space before the equals sign', (own: string) => own.replace('=', ' ='), ''],
    ['beside non-ASCII bytes', (own: string) => `n=\u00c3\u00a9; ${own}`, 'n=é'],
  ])('GEN-traefik-ticket: removes a ticket %s, also on public paths', async (_, cookies, left) => {
    const { site, ann } = at();
    const own = /(?:^|; )(doorward=[^;]+)/.exec(ann.cookieHeader('wiki.demo.localhost'))?.[1] ?? '';
    expect(own).not.toBe('');
    const head = ['GET /assets/x HTTP/1.1', `Host: wiki.demo.localhost:${site.port}`];
    const lines = [...head, `Cookie: ${cookies(own)}`, 'Connection: close', '', ''];
    expect(statuses(await sendRaw(site.port, lines.join('\r\n')))).toEqual([200]);
    expect(last(site).values('Cookie').join('; ')).toBe(left);
  });
}

/** Upgrades that a proxy must refuse by itself, except websockets. */
export function onlyWebsockets(at: () => Journey): void {
  it.each(['h2c', 'TLS/1.0', 'foo', 'websocket, h2c', 'h2c, websocket', 'websockets'])(
    'GEN-traefik-upgrade: opens no tunnel for Upgrade: %s',
    async (token) => {
      const { site } = at();
      const head = ['GET /assets/x HTTP/1.1', `Host: wiki.demo.localhost:${site.port}`];
      const connection = 'Connection: Upgrade, HTTP2-Settings, close';
      const lines = [...head, connection, `Upgrade: ${token}`, 'HTTP2-Settings: AAMAAABk', '', ''];
      expect(statuses(await sendRaw(site.port, lines.join('\r\n')))).toEqual([404]);
      expect(reached(site)).toEqual([]);
    },
  );

  it('treats an empty Upgrade as none', async () => {
    const { site } = at();
    const head = ['GET /assets/x HTTP/1.1', `Host: wiki.demo.localhost:${site.port}`];
    const lines = [...head, 'Connection: Upgrade, close', 'Upgrade: ', '', ''];
    expect(statuses(await sendRaw(site.port, lines.join('\r\n')))).toEqual([200]);
    expect(last(site).values('Upgrade')).toEqual([]);
  });

  it.each(['POST', 'GET'])('forwards no handshake by %s with a body', async (method) => {
    const { site } = at();
    const head = [`${method} /assets/x HTTP/1.1`, `Host: wiki.demo.localhost:${site.port}`];
    const lines = [...head, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3'];
    expect(statuses(await sendRaw(site.port, `${lines.join('\r\n')}\r\n\r\nabc`))[0]).toBe(404);
    expect(reached(site)).toEqual([]);
  });

  it.each(['websocket', 'WebSocket'])(
    'GEN-traefik-upgrade: forwards Upgrade: %s',
    async (token) => {
      const { site } = at();
      const head = ['GET /assets/x HTTP/1.1', `Host: wiki.demo.localhost:${site.port}`];
      const lines = [
        ...head,
        'Connection: Upgrade',
        `Upgrade: ${token}`,
        'Sec-WebSocket-Version: 13',
      ];
      await sendRaw(
        site.port,
        [...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'),
      );
      expect(reached(site)).toHaveLength(1);
    },
  );
}
