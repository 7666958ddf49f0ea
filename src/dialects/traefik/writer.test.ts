/** What `generate` writes. test/journeys/generated-proxies.test.ts shows that the real proxy accepts it. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { removedFields } from '../../core/access/request-fields.ts';
import { writeConfig } from './writer.ts';

describe('a configuration for Traefik', () => {
  const tree = parse(writeConfig(HTTPS)) as {
    http: {
      routers: Record<
        string,
        { rule: string; middlewares?: string[]; service: string; tls?: object }
      >;
      middlewares: Record<string, Record<string, Record<string, unknown>>>;
      services: Record<string, unknown>;
    };
  };

  it('names only middlewares and services that it defines', () => {
    for (const router of Object.values(tree.http.routers)) {
      expect(Object.keys(tree.http.services)).toContain(router.service);
      for (const name of router.middlewares ?? []) {
        expect(Object.keys(tree.http.middlewares)).toContain(name);
      }
    }
  });

  it('checks every app with Doorward, and accepts no forwarded header of a client', () => {
    for (const app of HTTPS.apps.filter((a) => !a.isBundled)) {
      const own = app.id === 'elsewhere' ? 'doorward-2' : 'doorward';
      const chain = tree.http.routers[`app-${app.id}`]?.middlewares ?? [];
      expect(chain.filter((name) => /^doorward(?:-\d+)?$/.test(name))).toEqual([own]);
      expect(tree.http.middlewares[own]?.['forwardAuth']).toEqual({
        address: 'http://127.0.0.1:4747/.doorward/check/traefik',
        trustForwardHeader: false,
        authResponseHeaders: [...app.identity, 'X-Request-Id', 'Cookie'],
      });
    }
  });

  it('leaves the address in a check that is to name the client', () => {
    const { http } = parse(writeConfig({ ...HTTPS, clientField: 'X-Real-IP' })) as typeof tree;
    expect(http.middlewares['doorward']?.['forwardAuth']).not.toHaveProperty('trustForwardHeader');
  });

  it('GEN-headers: removes headers that no app may receive from clients, before the check', () => {
    const removed =
      tree.http.middlewares['doorward-removed']?.['headers']?.['customRequestHeaders'];
    const names = [...removedFields(HTTPS.identity), 'Forwarded', 'X-Request-Id', 'HTTP2-Settings'];
    // Also those of the other apps, which the check of an app does not overwrite.
    names.push(...HTTPS.identity);
    for (const name of names) expect(removed).toHaveProperty([name], '');
    // Traefik sets these for the app, or the app needs them for the connection.
    for (const name of ['X-Forwarded-For', 'X-Real-IP', 'Connection', 'Upgrade', 'TE', 'Cookie']) {
      expect(removed).not.toHaveProperty([name]);
    }
    for (const app of HTTPS.apps.filter((a) => !a.isBundled)) {
      const chain = tree.http.routers[`app-${app.id}`]?.middlewares ?? [];
      expect(chain[0]).toBe('doorward-removed');
    }
  });

  it('GEN-traefik-upgrade: has a router for websocket upgrades alone', () => {
    for (const { rule } of Object.values(tree.http.routers)) {
      const refused = new RegExp(
        / && !HeaderRegexp\(`Upgrade`, `([^`]+)`\) && /.exec(rule)?.[1] ?? '',
      );
      for (const value of ['websocket', 'WebSocket', 'WEBSOCKET'])
        expect(value).not.toMatch(refused);
      for (const value of ['', 'h2c', 'websocke', 'websockets', 'websockat', 'xebsocket']) {
        expect(value).toMatch(refused);
      }
      for (const value of ['websocket, h2c', 'h2c,websocket', 'TLS/1.0'])
        expect(value).toMatch(refused);
    }
  });

  it('has no router for a handshake with a body, or with another method than GET', () => {
    for (const { rule } of Object.values(tree.http.routers)) {
      expect(rule).toContain(
        '&& (!HeaderRegexp(`Upgrade`, `.`) || (Method(`GET`) && !HeaderRegexp(`Content-Length`, `.`)))',
      );
    }
  });

  it('has no router that leads to a check', () => {
    for (const { rule, service } of Object.values(tree.http.routers)) {
      const kept = service === 'doorward' ? '/.doorward/check/' : '/.doorward/';
      expect(rule).toContain(`!PathPrefix(\`${kept}\`)`);
    }
  });

  it('clears other spellings and the headers of other proxies', () => {
    expect(
      tree.http.middlewares['doorward-spellings']?.['headers']?.['customRequestHeaders'],
    ).toHaveProperty('Remote_User', '');
    expect(
      tree.http.middlewares['doorward-other-proxies']?.['headers']?.['customRequestHeaders'],
    ).toHaveProperty('X-Original-URL', '');
  });

  it('uses TLS if the portal does', () => {
    expect(tree.http.routers['doorward-portal']?.tls).toEqual({});
    expect(writeConfig(HTTP)).not.toContain('tls:');
  });

  it('UP-unix: says that Traefik cannot reach an app on a unix socket', () => {
    expect(writeConfig(SOCKET)).toContain('has no upstream that Traefik can reach');
    expect(writeConfig(SOCKET)).not.toContain('app.sock');
  });
});

describe('preflights that Doorward answers', () => {
  const apps = HTTPS.apps.map((app) => ({
    ...app,
    preflightOrigins: ['https://shop.example.com'],
  }));
  const { http } = parse(writeConfig({ ...HTTPS, apps })) as {
    http: { routers: Record<string, { rule: string; priority?: number; service: string }> };
  };

  it('go to Doorward itself before the check, but never to a check path', () => {
    const { routers } = http;
    const app = routers['app-wiki'];
    const preflights = routers['preflights-wiki'];
    expect(preflights?.service).toBe('doorward');
    expect(preflights?.priority).toBeGreaterThan(app?.rule.length ?? Number.POSITIVE_INFINITY);
    for (const part of [
      'Host(`wiki.example.com`)',
      '!PathPrefix(`/.doorward/`)',
      'Method(`OPTIONS`)',
      'Header(`Origin`, `https://shop.example.com`)',
    ]) {
      expect(preflights?.rule).toContain(part);
    }
  });
});
