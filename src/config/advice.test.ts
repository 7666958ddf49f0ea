import { describe, expect, it } from 'vitest';
import { testRule } from '../../test/support/fake-source.ts';
import { testFlow } from '../../test/support/flow-fakes.ts';
import type { Site } from '../core/access/return-to.ts';
import { domainWith } from '../core/setup/domain.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import { adviceOn } from './advice.ts';
import { oauth2 } from '../sources/oauth2/source.ts';
import { oidc } from '../sources/oidc/source.ts';
import type { Listener } from './settings/listen-address.ts';
import type { Settings } from './settings/settings.ts';

const LOCAL: Listener = { kind: 'tcp', host: '127.0.0.1', port: 4747 };
const PUBLIC: Listener = { kind: 'tcp', host: '0.0.0.0', port: 4747 };

interface Case {
  readonly listen?: readonly Listener[];
  readonly origin?: string;
  readonly cookieDomain?: string | null;
  /** A further root domain. */
  readonly otherDomain?: string;
  readonly cookies?: 'domain' | 'host';
  readonly hosts?: readonly string[];
  /** Trusted addresses. */
  readonly trusted?: readonly string[];
  /** Names of sources, and whether the flow login offers them. */
  readonly sources?: Readonly<Record<string, boolean>>;
  /** What these are opened with. */
  readonly opened?: Settings['sources'];
  /** Where TLS is available: `host:port`. */
  readonly tls?: readonly string[];
}

async function advice({ listen = [LOCAL], origin = 'https://auth.example.com', ...rest }: Case) {
  const { cookieDomain = null, otherDomain, hosts = [], tls = [], trusted = [] } = rest;
  const { sources = {} } = rest;
  const offered = Object.keys(sources).filter((name) => sources[name]);
  const url = new URL(origin);
  const site: Site = {
    origin,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname,
    port: Number(url.port),
  };
  const snapshot = {
    site,
    domains: [cookieDomain, otherDomain].flatMap((domain) =>
      domain === undefined ? [] : [domainWith(site, domain)],
    ),
    session: { cookies: rest.cookies ?? 'domain' },
    isTrustedProxy: (address: string) => trusted.includes(address),
    sources: new Map(
      Object.keys(sources).map((name) => [
        name,
        testRule({ name, unknown: { kind: name === 'open' ? 'create' : 'refuse' } }),
      ]),
    ),
    flows: new Map([['login', testFlow('login', [{ type: 'identification', sources: offered }])]]),
    table: { routes: [{ hosts: hosts.map((name) => ({ name, ports: [] })) }] },
  } as unknown as Snapshot;
  const requested: string[] = [];
  const found = await adviceOn({
    settings: { listen, sources: rest.opened ?? [] },
    snapshot,
    speaksTls: (host, port, name) => {
      requested.push(`${host}:${port} for ${name}`);
      return Promise.resolve(tls.includes(`${host}:${port}`));
    },
  });
  return { found, requested, of: (path: string) => found.find((one) => one.path === path) };
}

describe('an https portal', () => {
  it('README-https: causes a warning with the remedy if no TLS server listens', async () => {
    const { of, requested } = await advice({});
    expect(of('public_url')).toMatchObject({ level: 'warning' });
    expect(of('public_url')?.message).toContain('no TLS server answers for auth.example.com');
    expect(of('public_url')?.message).toContain('doorward generate nginx');
    expect(requested).toEqual([
      '127.0.0.1:443 for auth.example.com',
      '::1:443 for auth.example.com',
      'auth.example.com:443 for auth.example.com',
    ]);
  });

  it.each(['127.0.0.1:443', '::1:443', 'auth.example.com:443'])(
    'is fine if %s uses TLS',
    async (place) => {
      expect((await advice({ tls: [place] })).found).toEqual([]);
    },
  );

  it('is checked on its own port', async () => {
    const origin = 'https://auth.example.com:8443';
    expect((await advice({ origin, tls: ['127.0.0.1:443'] })).found).toHaveLength(1);
    expect((await advice({ origin, tls: ['127.0.0.1:8443'] })).found).toEqual([]);
  });

  it('gets a note if another machine may terminate TLS', async () => {
    expect((await advice({ listen: [LOCAL, PUBLIC] })).of('public_url')?.level).toBe('note');
  });

  it('is not mentioned over http', async () => {
    const { found, requested } = await advice({ origin: 'http://auth.example.com' });
    expect([found, requested]).toEqual([[], []]);
  });
});

describe('a cookie for a whole domain', () => {
  const tls = ['127.0.0.1:443'];
  const about = async (words: Case) =>
    (await advice({ tls, cookieDomain: 'example.com', ...words })).of('session.cookie_domains');

  it('is noted if hosts below it may have no route', async () => {
    const note = await about({ hosts: ['wiki.example.com'] });
    expect(note?.level).toBe('note');
    expect(note?.message).toContain('every host below example.com');
    expect(note?.message).toContain('Keep hosts that you do not trust on another domain');
  });

  it('gets the narrower domain that would suffice', async () => {
    const note = await about({
      origin: 'https://auth.apps.example.com',
      hosts: ['wiki.apps.example.com', '*.apps.example.com'],
    });
    expect(note?.message).toContain('Apps.example.com would be enough');
  });

  it('is noted for each root domain, with its own hosts', async () => {
    const hosts = ['*.example.com', 'app.sub.example.org', 'chat.sub.example.org'];
    const { found } = await advice({
      tls,
      cookieDomain: 'example.com',
      otherDomain: 'example.org',
      hosts,
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(/every host below example\.org.*Sub\.example\.org would be/s);
  });

  it.each([
    ['a route takes every host below it', { hosts: ['*.example.com'] }],
    ['only this machine has such hosts', { cookieDomain: 'demo.localhost', hosts: [] }],
    ['the cookie is for the portal alone', { cookieDomain: null }],
    ['each host has its own cookie', { cookies: 'host' }],
  ] as const)('is not mentioned if %s', async (_, words) => {
    expect(await about(words)).toBeUndefined();
  });
});

describe('trusted proxies', () => {
  const origin = 'http://auth.example.com';
  const LOOPBACK = ['127.0.0.1', '127.0.0.2', '::1'];
  const PRIVATE = ['10.255.0.1', '172.31.0.1', '192.168.255.1'];
  const about = async (words: Case) => (await advice({ origin, ...words })).of('trusted_proxies');

  it.each([
    ['loopback', LOOPBACK],
    ['private', PRIVATE],
    ['loopback and private', [...LOOPBACK, ...PRIVATE]],
  ])('that are %s cause a warning with a public listener', async (words, trusted) => {
    const warning = await about({ listen: [LOCAL, PUBLIC], trusted });
    expect(warning?.level).toBe('warning');
    expect(warning?.message).toMatch(new RegExp(`^${words} beside`));
  });

  it.each([
    ['no other machine reaches a listener', { listen: [LOCAL], trusted: LOOPBACK }],
    ['they are named one by one', { listen: [PUBLIC], trusted: ['127.0.0.1', '10.255.0.1'] }],
    ['the public listener has its own', { listen: [{ ...PUBLIC, trusts: [] }], trusted: LOOPBACK }],
  ])('are not mentioned if %s', async (_, words) => {
    expect(await about(words)).toBeUndefined();
  });
});

describe('proxies that one listener trusts', () => {
  const about = async (listener: Listener, trusts: readonly string[]) =>
    (await advice({ origin: 'http://auth.example.com', listen: [LOCAL, { ...listener, trusts }] }))
      .found;

  it('cause a warning if they are a whole network and the listener is public', async () => {
    const [warning] = await about(PUBLIC, ['private', '127.0.0.0/8', '::1']);
    expect(warning).toMatchObject({ path: 'listen[1].trusts', level: 'warning' });
    expect(warning?.message).toMatch(/^loopback and private beside/);
  });

  it.each([
    ['only this machine reaches the listener', LOCAL, ['private']],
    ['they are named one by one', PUBLIC, ['10.0.0.1', 'unix']],
  ] as const)('are not mentioned if %s', async (_, listener, trusts) => {
    expect(await about(listener, trusts)).toEqual([]);
  });
});

describe('apps that share the host of the passkeys', () => {
  it.each([
    [['auth.example.com']],
    [['wiki.example.com', 'app.auth.example.com']],
    [['*.auth.example.com']],
  ])('get a note: %j', async (hosts) => {
    const note = (await advice({ hosts })).of('routes');
    expect(note?.level).toBe('note');
    expect(note?.message).toContain(`${hosts.at(-1)}: an app on the portal's host`);
  });

  it.each([[[]], [['wiki.example.com', '*.example.com']], [['xauth.example.com']]])(
    'get none: %j',
    async (hosts) => {
      expect((await advice({ hosts })).of('routes')).toBeUndefined();
    },
  );
});

/** The settings of a source: with ID tokens unless it has a userinfo URL. */
function opened(name: string, given: object): Settings['sources'][number] {
  const kind = 'userinfo_url' in given ? oauth2 : oidc;
  return { name, kind, options: kind.config.parse(given) };
}

describe('a source', () => {
  it('gets the address to register with the provider', async () => {
    const { of } = await advice({ sources: { company: true, other: false } });
    expect(of('sources.company')).toEqual({
      path: 'sources.company',
      level: 'note',
      message:
        'register with the provider as redirect address: https://auth.example.com/flow/login/back',
    });
    expect(of('sources.other')).toMatchObject({ level: 'warning' });
  });

  it('that makes users of all its accounts gets a note', async () => {
    const { of } = await advice({ sources: { open: true, company: true } });
    expect(of('sources.open.unknown')).toMatchObject({ level: 'note' });
    expect(of('sources.company.unknown')).toBeUndefined();
  });

  const CLIENT = { client_id: 'x', client_secret: 'y' };
  const ENDPOINTS = {
    ...CLIENT,
    authorization_url: 'https://id.example.net/authorize',
    token_url: 'https://id.example.net/token',
    userinfo_url: 'https://id.example.net/user',
  };
  const forge = (id: string, more = {}) => ({ ...ENDPOINTS, fields: { id }, ...more });
  const issuer = 'https://id.example.net';
  it.each([
    ['the same userinfo URL and another id', forge('id'), forge('login'), true],
    ['the same id', forge('id'), forge('id'), false],
    ['another userinfo URL', forge('id'), forge('login', { userinfo_url: `${issuer}/x` }), false],
    ['the same issuer', forge('id', { issuer }), forge('login', { issuer }), true],
    ['the same issuer, with ID tokens', forge('id', { issuer }), { ...CLIENT, issuer }, true],
    ['the same issuer and sub', forge('sub', { issuer }), { ...CLIENT, issuer }, false],
  ])('that shares accounts with another one gets a warning: %s', async (_, one, two, isWarned) => {
    const { of } = await advice({ opened: [opened('one', one), opened('two', two)] });
    const { level, message = '' } = of('sources.two') ?? {};
    expect([level, message.startsWith('the same issuer as one')]).toEqual(
      isWarned ? ['warning', true] : [undefined, false],
    );
    expect(of('sources.one')).toBeUndefined();
  });
});
