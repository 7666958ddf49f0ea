import { describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import { everyKind } from '../../../test/support/every-kind.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { writers } from '../../dialects/index.ts';
import { otherSpellings, proxyPlan } from './proxy-plan.ts';

describe('a header from which a flow reads data that only a proxy has', () => {
  it('is accepted from no client', () => {
    const kinds = everyKind('http://auth.example.com:8080', ':8080');
    const stage = { config: { header: 'X-Shown-Certificate' } };
    const flows = new Map([['card', { stages: [stage] } as unknown as Flow]]);
    const plan = proxyPlan({ ...kinds, snapshot: { ...kinds.snapshot, flows } }, null);
    expect(plan.removed).toContain('X-Shown-Certificate');
  });
});

const HEAD = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';

async function planOf(options: string) {
  const route = `{ id: wiki, host: wiki.example.com, ${options} }`;
  const { snapshot } = linkedOf(await loadText(`${HEAD}routes: [${route}]\n`));
  return proxyPlan(
    { snapshot, settings: { file: 'd.yaml', listen: ['127.0.0.1:1'], grpcListen: '127.0.0.1:2' } },
    null,
  );
}

describe('an app that only Doorward serves as configured', () => {
  it.each([
    'upstream: http://wiki, paths: [{ path: /a/**, upstream: "http://a" }]',
    'paths: [{ path: /a/**, upstream: "http://a" }]',
    'upstream: http://wiki, strip_prefix: /a',
    'upstream: http://wiki, paths: [{ path: /a/**, add_prefix: /b }]',
    'upstream: { url: "http://wiki", headers: { set: { X-Key: s3cr3t } } }',
    'upstream: { url: "http://wiki", basic: { user: a, password: s3cr3t } }',
    'upstream: { url: "http://wiki", rewrite: { location: true } }',
    'upstream: { urls: ["http://wiki", "http://a"], balance: hash }',
    'upstream: { urls: ["http://wiki", "unix:/run/a.sock"] }',
    'upstream: { urls: ["https://wiki", "https://a"] }',
    'upstream: { urls: ["http://wiki", "http://a"] }, preserve_host: false',
    'upstream: { url: "http://wiki", health: { path: /up } }',
  ])('gets its requests through Doorward: %s', async (options) => {
    const plan = await planOf(options);
    expect(plan.apps.map(({ isBundled }) => isBundled)).toEqual([true]);
    // The script beside HAProxy's configuration is the same for all hosts.
    const hosts = writers.filter(({ target }) => target !== 'haproxy-lua');
    for (const writer of hosts) expect(writer.write(plan)).toContain('wiki.example.com');
    for (const writer of writers) {
      const file = writer.write(plan);
      expect(file).not.toContain('s3cr3t');
      expect(file).not.toMatch(/http:\/\/(?:wiki|a)\b/);
    }
  });

  it('is no other', async () => {
    const { apps } = await planOf(
      'upstream: http://wiki/base, paths: [{ path: /a, policies: [] }]',
    );
    expect(apps.map(({ isBundled }) => isBundled)).toEqual([false]);
  });
});

describe('an app with several members', () => {
  it.each([
    ['nginx', 'least_conn;\n    server wiki:80;\n    server a:8080;'],
    ['caddy', 'reverse_proxy wiki:80 a:8080 {'],
    ['traefik', '- url: http://wiki:80\n          - url: http://a:8080'],
    ['envoy', 'lb_policy: LEAST_REQUEST'],
    ['haproxy', 'balance leastconn\n    server app wiki:80\n    server app2 a:8080'],
  ])('has all of them in the file for %s', async (target, text) => {
    const plan = await planOf('upstream: { urls: ["http://wiki", "http://a:8080"] }');
    const files = writers
      .filter((writer) => writer.target === target)
      .map((one) => one.write(plan));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(file).toContain(text);
  });
});

describe('spellings of a header name', () => {
  it('include all that CGI maps to the same variable, except the name itself', () => {
    expect(otherSpellings('Remote-User')).toEqual(['Remote_User', 'Remote.User']);
    expect(otherSpellings('X-Doorward-Jwt')).toHaveLength(8);
  });

  it('are few for a name with many separators', () => {
    const name = Array.from({ length: 31 }, () => 'x').join('-');
    expect(otherSpellings(name)).toEqual([name.replaceAll('-', '_'), name.replaceAll('-', '.')]);
  });
});
