/** What `generate` writes. That real proxies accept it is shown in test/journeys/generated-proxies.test.ts. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { everyKind } from '../../../test/support/every-kind.ts';
import { removedFields } from '../../core/access/request-fields.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { caddyConfig } from './caddy.ts';
import { nginxConfig } from './nginx.ts';
import { otherSpellings, proxyPlan } from './proxy-plan.ts';
import { traefikConfig } from './traefik.ts';

const HTTP = proxyPlan(everyKind('http://auth.example.com:8080', ':8080'), null);
const HTTPS = proxyPlan(everyKind('https://auth.example.com'), null);

describe('a configuration for nginx', () => {
  it('listens with TLS where the portal does', () => {
    expect(nginxConfig(HTTPS)).toContain('listen 443 ssl http2;');
    expect(nginxConfig(HTTP)).not.toContain('ssl_certificate ');
  });

  it('leads from http to https, each host to itself', () => {
    expect(nginxConfig(HTTPS)).toContain(
      'listen 80;\n    server_name wiki.example.com;\n    return 301 https://wiki.example.com$request_uri;',
    );
    expect(nginxConfig(HTTP)).not.toContain('return 301');
  });

  it('writes the name of each block instead of what the client calls it', () => {
    const text = nginxConfig(HTTP);
    expect(text).not.toContain('http_host');
    expect(text).toContain(
      'proxy_set_header X-Original-URL $scheme://wiki.example.com:8080$request_uri;',
    );
    // nginx takes $host from where it took the name that chose the block.
    expect(text).toContain('proxy_set_header X-Original-URL $scheme://$host:8080$request_uri;');
    expect(nginxConfig(HTTPS)).toContain('X-Original-URL $scheme://wiki.example.com$request_uri;');
  });

  it('has a block for hosts that are no route', () => {
    expect(nginxConfig(HTTP)).toContain('listen 8080 default_server;\n    server_name _;');
  });

  it('writes each identity header of ours, and empties every other spelling', () => {
    const text = nginxConfig(HTTP);
    expect(text).toContain('proxy_set_header Remote-User $doorward_remote_user;');
    expect(text).toContain('proxy_set_header X-Doorward-Jwt $doorward_x_doorward_jwt;');
    expect(text).toContain('proxy_set_header Remote_User "";');
    expect(text).toContain('proxy_set_header X.Doorward_Jwt "";');
  });

  it('says where the configuration names no upstream', () => {
    expect(nginxConfig(HTTP)).toContain('Change this: config/doorward.yaml names no upstream');
  });
});

describe('a configuration for Caddy', () => {
  it('deletes our headers in every spelling before it asks', () => {
    const text = caddyConfig(HTTP);
    for (const name of ['-Remote-User*', '-X-Doorward-Jwt', '-*_*', '-*!*', '-X-WebAuth*']) {
      const at = text.indexOf(`\trequest_header ${name}\n`);
      expect([name, at > 0 && at < text.indexOf('forward_auth ')]).toEqual([name, true]);
    }
    expect(text).toContain('copy_headers Remote-User Remote-Groups Remote-Name Remote-Email');
  });

  it('asks without the Upgrade of the client', () => {
    expect(caddyConfig(HTTP)).toMatch(
      /forward_auth [^}]*header_up -Connection\n\t+header_up -Upgrade\n/,
    );
  });
});

describe('a configuration for Traefik', () => {
  const tree = parse(traefikConfig(HTTPS)) as {
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

  it('asks Doorward for every app, and believes no forwarded header of a client', () => {
    expect(tree.http.middlewares['doorward']?.['forwardAuth']).toEqual({
      address: 'http://127.0.0.1:4747/.doorward/check/traefik',
      trustForwardHeader: false,
      authResponseHeaders: [...HTTPS.identity, 'X-Request-Id', 'Cookie'],
    });
    for (const app of HTTPS.apps.filter((a) => !a.isBundled)) {
      expect(tree.http.routers[`app-${app.id}`]?.middlewares).toContain('doorward');
    }
  });

  it('GEN-headers: removes what clients send and no app may see, before it asks', () => {
    const removed =
      tree.http.middlewares['doorward-removed']?.['headers']?.['customRequestHeaders'];
    const names = [...removedFields(HTTPS.identity), 'Forwarded', 'X-Request-Id', 'HTTP2-Settings'];
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

  it('GEN-traefik-upgrade: has no router for an upgrade to anything but a websocket', () => {
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

  it('has no router for a handshake with a body, or by another method than GET', () => {
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

  it('empties other spellings and the voices of other proxies', () => {
    expect(
      tree.http.middlewares['doorward-spellings']?.['headers']?.['customRequestHeaders'],
    ).toHaveProperty('Remote_User', '');
    expect(
      tree.http.middlewares['doorward-voices']?.['headers']?.['customRequestHeaders'],
    ).toHaveProperty('X-Original-URL', '');
  });

  it('uses TLS where the portal does', () => {
    expect(tree.http.routers['doorward-portal']?.tls).toEqual({});
    expect(traefikConfig(HTTP)).not.toContain('tls:');
  });
});

describe('a header in which a flow reads what only a proxy knows', () => {
  it('is taken from no client', () => {
    const kinds = everyKind('http://auth.example.com:8080', ':8080');
    const stage = { config: { header: 'X-Shown-Certificate' } };
    const flows = new Map([['card', { stages: [stage] } as unknown as Flow]]);
    const plan = proxyPlan({ ...kinds, snapshot: { ...kinds.snapshot, flows } }, null);
    expect(nginxConfig(plan)).toContain('proxy_set_header X-Shown-Certificate "";');
    expect(caddyConfig(plan)).toContain('request_header -X-Shown-Certificate\n');
  });
});

describe('spellings of a header name', () => {
  it('are all that read the same to CGI, but the name itself', () => {
    expect(otherSpellings('Remote-User')).toEqual(['Remote_User', 'Remote.User']);
    expect(otherSpellings('X-Doorward-Jwt')).toHaveLength(8);
  });
});

describe('UP-unix: an app on a unix socket', () => {
  const file = {
    ...HTTP,
    apps: HTTP.apps.slice(0, 1).map((app) => ({
      ...app,
      preserveHost: false,
      upstream: {
        scheme: 'http',
        authority: 'unix:/run/app.sock',
        name: 'localhost',
        host: 'localhost',
        base: '',
      } as const,
    })),
  };

  it('UP-unix: is written as each proxy reads it, or said to be out of reach', () => {
    expect(nginxConfig(file)).toContain('server unix:/run/app.sock;');
    expect(nginxConfig(file)).toContain('proxy_set_header Host localhost;');
    expect(caddyConfig(file)).toContain('reverse_proxy unix//run/app.sock {');
    expect(traefikConfig(file)).toContain('names no upstream that Traefik can reach');
    expect(traefikConfig(file)).not.toContain('app.sock');
  });
});
