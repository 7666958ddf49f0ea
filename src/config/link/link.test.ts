import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';
import type { Rule } from '../../core/routes/route.ts';

const HEAD = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';
const ROUTES = `${HEAD}routes:\n  - id: wiki\n    host: wiki.example.com\n    upstream: http://wiki:8080/base/\n`;

async function snapshotOf(text: string) {
  return linkedOf(await loadText(text)).snapshot;
}

async function rulesOf(paths: string): Promise<readonly Rule[]> {
  return (await snapshotOf(ROUTES + paths)).table.routes[0]?.rules ?? [];
}

describe('a configuration of one line', () => {
  it('has defaults for everything else', async () => {
    const { snapshot, settings } = linkedOf(await loadText('public_url: https://auth.example.com'));
    expect(settings).toMatchObject({
      listen: [{ kind: 'tcp', host: '127.0.0.1', port: 4747 }],
      admin: { kind: 'tcp', host: '127.0.0.1', port: 9464 },
      workers: 1,
      state: { options: 'embedded' },
      secrets: [],
      demos: [],
      throttle: null,
    });
    expect(settings.directories.map((d) => d.kind.type)).toEqual(['embedded']);
    expect(snapshot.session).toEqual({
      idle: 3_600_000,
      lifetime: 43_200_000,
      cookies: 'domain',
      cookieName: '__Secure-doorward',
    });
    expect(snapshot.domains).toMatchObject([{ cookieDomain: null }]);
    expect(snapshot.identity.names).toEqual([
      'Remote-User',
      'Remote-Groups',
      'Remote-Name',
      'Remote-Email',
    ]);
    expect(snapshot.isTrustedProxy('127.0.0.1')).toBe(false);
  });
});

describe('a listener with options', () => {
  const HERE = 'public_url: https://auth.example.com\n';

  it.each([
    ['listen: { at: "unix:/run/d.sock", trusts: peer }', [{ path: '/run/d.sock', trusts: 'peer' }]],
    ['listen: ["127.0.0.1:1", { at: "[::1]:2", trusts: peer }]', [{ port: 1 }, { trusts: 'peer' }]],
    [
      'listen: { at: "0.0.0.0:1", trusts: [10.0.0.1, private] }',
      [{ trusts: ['10.0.0.1', 'private'] }],
    ],
    ['listen: { at: "0.0.0.0:1", trusts: [] }', [{ trusts: [] }]],
    [
      'listen: { at: "0.0.0.0:1", trusts: [10.0.0.1], proxy_protocol: true }',
      [{ proxyProtocol: true }],
    ],
    ['trusted_proxies: [10.0.0.1]\nlisten: { at: "[::]:1", proxy_protocol: true }', [{ port: 1 }]],
    ['listen: { at: "unix:/d", trusts: [unix], proxy_protocol: true }', [{ path: '/d' }]],
    ['listen: { at: "127.0.0.1:1", trusts: peer, proxy_protocol: true }', [{ trusts: 'peer' }]],
    ['listen: [{ at: "0.0.0.0:1" }]', [{ kind: 'tcp', host: '0.0.0.0', port: 1 }]],
  ])('may be %s', async (text, expected) => {
    const { settings } = linkedOf(await loadText(HERE + text));
    expect(settings.listen).toMatchObject(expected);
  });

  it.each([
    ['{ at: "0.0.0.0:1", trusts: peer }', 'could forge client addresses', 'listen.trusts'],
    ['["127.0.0.1:1", { at: "192.0.2.1:1", trusts: peer }]', 'forge', 'listen[1].trusts'],
    ['{ at: 4747, trusts: peer }', 'expected text', 'listen'],
    ['{ at: "unix:/run/d.sock", trusts: everybody }', 'peer', 'listen'],
    ['{ trusts: peer }', 'missing, expected text', 'listen'],
    ['{ at: "0.0.0.0:1", proxy_protocol: true }', 'no peer', 'listen.proxy_protocol'],
    ['{ at: "127.0.0.1:1", trusts: [], proxy_protocol: true }', 'no peer', 'proxy_protocol'],
    ['{ at: "127.0.0.1:1", trusts: [unix], proxy_protocol: true }', 'no peer', 'proxy_protocol'],
    ['{ at: "unix:/d", trusts: [10.0.0.1], proxy_protocol: true }', 'no peer', 'proxy_protocol'],
    ['{ at: "0.0.0.0:1", trusts: [10.0.0.1], proxy_protocol: v2 }', 'true or false', 'listen'],
    ['{ at: "0.0.0.0:1", trusts: [10.0.0.1, 0.0.0.0/0] }', 'every client', 'listen.trusts[1]'],
    ['["[::]:1", { at: "[::1]:1", trusts: [proxy] }]', 'an address', 'listen[1].trusts[0]'],
  ])('may not be %s', async (listen, message, path) => {
    const [fault] = faultsOf(await loadText(`${HERE}listen: ${listen}`));
    expect(fault?.message).toContain(message);
    expect(fault?.path).toContain(path);
  });
});

describe('a snapshot', () => {
  it('cannot be changed', async () => {
    const snapshot = await snapshotOf(ROUTES);
    const flows = snapshot.flows as Map<string, unknown>;
    const folded = snapshot.identity.folded as Set<string>;
    const route = snapshot.table.routes[0] as unknown as { title: string; rules: unknown[] };
    for (const change of [
      () => flows.delete('login'),
      () => folded.clear(),
      () => (route.title = 'x'),
      () => route.rules.push({}),
      () => ((snapshot.session as { idle: number }).idle = 1),
    ]) {
      expect(change).toThrow(TypeError);
    }
  });
});

describe('the cookie of the ticket', () => {
  it.each([
    ['https://auth.example.com', 'example.com', 'example.com', '__Secure-doorward'],
    ['http://auth.demo.localhost:4747', 'demo.localhost', 'demo.localhost', 'doorward'],
    ['http://localhost:4747', 'localhost', null, 'doorward'],
    ['http://127.0.0.1:4747', '127.0.0.1', null, 'doorward'],
    ['https://example.com', '.Example.com.', 'example.com', '__Secure-doorward'],
  ])('of %s with the domain %s', async (url, domain, cookieDomain, cookieName) => {
    const text = `public_url: ${url}\nsession: { cookie_domains: [${domain}] }`;
    const { domains, session } = await snapshotOf(text);
    expect(domains).toMatchObject([{ cookieDomain }]);
    expect(session.cookieName).toBe(cookieName);
  });

  it('is not shared if no browser would share it', async () => {
    const text = `public_url: http://auth.localhost:4747\nsession: { cookie_domains: [localhost] }\nroutes: [{ id: a, host: a.localhost }]`;
    expect(faultsOf(await loadText(text))[0]?.message).toContain(
      'browsers do not share cookies below',
    );
  });

  it.each([
    ['http://auth.example.com', false],
    ['http://auth.example.com\ninsecure_http: true', true],
    ['http://localhost:1', true],
    ['http://a.b.localhost', true],
    ['http://auth.gw.test:1', true],
    ['http://127.9.9.9', true],
    ['http://localhost.example.com', false],
    ['http://attest', false],
    ['https://auth.example.com/', true],
    ['https://auth.example.com/sso', false],
    ['https://user@auth.example.com', false],
    ['https://[::1]', false],
    ['ftp://auth.example.com', false],
  ])('with public_url works: %s (%s)', async (url, isFine) => {
    expect((await loadText(`public_url: ${url}`)).ok).toBe(isFine);
  });
});

describe('a host of a route', () => {
  it.each([
    ['https://auth.example.com', 'a.example.com', [{ name: 'a.example.com', ports: [0] }]],
    [
      'https://auth.example.com:8443',
      'A.Example.com.',
      [{ name: 'a.example.com', ports: [0, 8443] }],
    ],
    ['https://auth.example.com', 'a.example.com:443', [{ name: 'a.example.com', ports: [0] }]],
    ['https://auth.example.com', 'a.example.com:9000', [{ name: 'a.example.com', ports: [9000] }]],
    ['https://auth.example.com', '"*.a.example.com"', [{ name: '*.a.example.com', ports: [0] }]],
    ['https://auth.example.com', '"*.example.com"', [{ name: '*.example.com', ports: [0] }]],
  ])('below %s is parsed: %s', async (url, host, hosts) => {
    const text = `public_url: ${url}\nsession: { cookie_domains: [example.com] }\nroutes: [{ id: a, host: ${host} }]`;
    expect((await snapshotOf(text)).table.routes[0]?.hosts).toEqual(hosts);
  });

  it('given as a URL is a fault that suggests the host', async () => {
    const text = `${HEAD}routes: [{ id: a, host: "https://a.example.com/x" }]`;
    expect(faultsOf(await loadText(text))[0]).toMatchObject({ suggestion: '"a.example.com"' });
  });

  it('next to the portal on another port needs no cookie domain', async () => {
    const text = `public_url: http://localhost:4747\nroutes: [{ id: a, host: "localhost:8080", upstream: "http://127.0.0.1:1" }]`;
    const { table, site } = await snapshotOf(text);
    expect(table.hosted('localhost', 8080)?.id).toBe('a');
    expect(table.hosted(site.host, site.port)).toBeNull();
  });
});

describe('the rules of a route', () => {
  it('always end with one for every path', async () => {
    expect(await rulesOf('')).toMatchObject([
      { name: 'wiki', pattern: '/**', methods: null, public: false },
    ]);
  });

  it('inherit what they leave out, and override the rest', async () => {
    const rules = await rulesOf(`    match: any
    policies: [{ type: group, any: [staff] }, { type: user, any: [ann] }]
    paths:
      - { path: /open/**, public: true }
      - { path: /same }
      - { path: /own, policies: [{ type: group, any: [admins] }], match: all }
      - { path: /none, policies: [] }
`);
    const gates = Object.fromEntries(
      rules.map((r) => [
        r.pattern,
        [r.public, r.policies.match, r.policies.bindings.map((b) => b.name)],
      ]),
    );
    expect(gates).toEqual({
      '/open/**': [true, 'all', []],
      '/same': [false, 'any', ['group', 'user']],
      '/own': [false, 'all', ['group']],
      '/none': [false, 'any', []],
      '/**': [false, 'any', ['group', 'user']],
    });
  });

  it('with methods come before those without', async () => {
    const rules = await rulesOf(`    paths:
      - { path: /a }
      - { path: /a, methods: [POST] }
      - { path: /**, methods: [DELETE] }
`);
    expect(rules.map((r) => r.name)).toEqual([
      'wiki /a POST',
      'wiki /** DELETE',
      'wiki /a',
      'wiki',
    ]);
  });

  it('have their upstream without a trailing slash', async () => {
    expect((await snapshotOf(ROUTES)).table.routes[0]?.upstream?.urls[0]).toBe(
      'http://wiki:8080/base',
    );
  });
});

describe('a binding', () => {
  it('has its remedy, its expiry, and its location', async () => {
    const [rule] = await rulesOf(`    policies:
      - { name: office, negate: true, dry_run: true, expires: 2027-06-30 }
      - { name: staff, otherwise: login, expires: 2027-06-30T12:00:00+02:00 }
policies:
  office: { name: building, expires: 2027-01-31 }
  building: { type: network, any: [10.0.0.0/8], negate: true }
  staff: { type: group, any: [staff] }
`);
    expect(rule?.policies.bindings).toMatchObject([
      {
        name: 'office',
        negate: false,
        dryRun: true,
        otherwise: null,
        expires: Date.UTC(2027, 0, 31),
        at: 'routes[0].policies[0]',
      },
      {
        name: 'staff',
        negate: false,
        dryRun: false,
        otherwise: 'login',
        expires: Date.UTC(2027, 5, 30, 10),
      },
    ]);
  });
});

describe('trusted proxies', () => {
  it.each([
    ['10.1.2.3', true],
    ['192.168.1.1', false],
    ['203.0.113.7', true],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['unix', false],
    ['::1', true],
    ['nonsense', false],
  ])('contain %s: %s', async (address, isTrusted) => {
    const text = `public_url: https://auth.example.com\ntrusted_proxies: ["::ffff:10.0.0.0/104", 203.0.113.7, "2001:db8::/32", loopback]`;
    expect((await snapshotOf(text)).isTrustedProxy(address)).toBe(isTrusted);
  });
});

const ORIGINS = { whoami: 'http://127.0.0.1:1234' };
const refuse = () => Promise.reject(new Error('started'));

describe('demo apps', () => {
  const text = `${HEAD}routes: [{ id: a, host: a.example.com, upstream: "demo:whoami" }]`;

  it('are named in the settings and unchanged until they run', async () => {
    const { settings, snapshot } = linkedOf(await loadText(text));
    expect(settings.demos).toEqual(['whoami']);
    expect(snapshot.table.routes[0]?.upstream?.urls[0]).toBe('demo:whoami');
  });

  it('are inserted after they start, and a gateway that cannot run them reports a fault', async () => {
    const { snapshot } = linkedOf(await loadText(text, { demos: async () => ORIGINS }));
    expect(snapshot.table.routes[0]?.upstream?.urls[0]).toBe('http://127.0.0.1:1234');
    const none = await loadText(text, { demos: async () => ({}) });
    expect(faultsOf(none)[0]?.message).toContain('restart');
  });

  it('are not started unless they are named', async () => {
    const plain = text.replace('demo:whoami', 'http://127.0.0.1:1234');
    expect((await loadText(plain, { demos: refuse })).ok).toBe(true);
    await expect(loadText(text, { demos: refuse })).rejects.toThrow('started');
  });
});

describe('secrets', () => {
  it('are required as soon as state is shared', async () => {
    const [fault] = faultsOf(await loadText(`${HEAD}state: redis://redis:6379`));
    expect(fault).toMatchObject({ path: 'session.secrets', source: null });
  });
});
