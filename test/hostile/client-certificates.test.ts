/**
 * Client certificates as machines: straight from a trusted peer and from strangers, and through a real
 * nginx that terminates TLS with the generated configuration.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  authority,
  certificate,
  type CertificateWords,
  type Issued,
  keyPem,
  SERVER_AUTH,
} from '../support/certificate.ts';
import { type Front, nginxFront, type RunningFront, startFront } from '../support/fronts.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type EchoApp, logOf, startEcho, startWorld, type World } from './fixture.ts';

const DAY = 86_400_000;
const today = { from: Date.now() - DAY, until: Date.now() + DAY };
const ca = authority(today);
const issue = (words: CertificateWords = {}, by: Issued | null = ca): Issued =>
  certificate({ names: ['ci'], units: ['builds'], ...today, ...words }, by);
const CI = issue();
const escaped = ({ pem }: Issued): string => encodeURIComponent(pem);
const field = (issued: Issued): string => `Ssl-Client-Cert: ${escaped(issued)}`;

const dir = mkdtempSync(join(tmpdir(), 'doorward-client-certificates-'));
const caFile = join(dir, 'client-ca.pem');
writeFileSync(caFile, ca.pem);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const OPTIONS = {
  extra: `throttle: { free: 1000 }
certificates:
  - name: builds
    header: Ssl-Client-Cert
    ca: "\${file:${caFile}}"
    attributes: { subject.OU: builds }
    user: alice
    groups: [deployers]
    methods: [GET]
  - name: named
    header: Ssl-Client-Cert
    ca: "\${file:${caFile}}"
    user: { attribute: san.uri, prefix: "spiffe://gw.test/", member_of: [admins] }`,
  routes: ({ origin }: { readonly origin: string }) => [
    `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, bearer, certificate], policies: [{ type: expression, when: "credential == 'session' || user.in_group('deployers') || user.in_group('admins')" }], paths: [{ path: /public/**, public: true }, { path: /browsers/**, accepts: [session] }, { path: /machines/**, accepts: [certificate] }, { path: /fresh/**, max_age: 1h }, { path: /trusted/**, max_age: 1h, tokens: true }] }`,
  ],
};

describe('a client certificate from a peer', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ trusted: true, ...OPTIONS });
  });
  afterAll(() => world?.close());
  beforeEach(() => void (world.app.seen.length = 0));

  async function ask(
    lines: readonly string[],
    { target = '/x', method = 'GET', from = '127.0.0.1', host = 'api.gw.test' } = {},
  ) {
    world.app.seen.length = 0;
    const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines];
    const raw = await sendRaw(world.port, [...head, 'Connection: close', '', ''].join('\r\n'), {
      quiet: 8_000,
      from,
    });
    const [seen] = world.app.seen;
    const names = seen?.rawHeaders.map((name) => name.toLowerCase()) ?? [];
    const user = seen?.rawHeaders[names.indexOf('remote-user') + 1];
    return { status: statuses(raw)[0], raw, names, user: seen === undefined ? null : user };
  }
  const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;

  it('that is trusted opens what its entry may open, and stays away from the app', async () => {
    const opened = await ask([field(CI)]);
    expect([opened.status, opened.user]).toEqual([200, 'alice']);
    expect(opened.names).not.toContain('ssl-client-cert');
    expect(await statusOf([field(CI)], { target: '/machines/x' })).toBe(200);
    expect(await statusOf([field(CI)], { method: 'DELETE' })).toBe(403);
    const bob = issue({ units: [], uris: ['spiffe://gw.test/bob'] });
    expect((await ask([field(bob)], { method: 'DELETE' })).user).toBe('bob');
    const logged = logOf(world.gateway).find(({ credential }) => credential === 'certificate');
    expect(logged).toMatchObject({ token_id: expect.stringMatching(/^builds [0-9a-f]{64}$/) });
  });

  it('that is not trusted is ignored, and no app sees it', async () => {
    for (const target of ['/x', '/machines/x', '/public/x']) {
      const { status, names, user } = await ask(
        [field(CI), 'X-Forwarded-For: 127.0.0.1', 'SSL_CLIENT_CERT: x', 'ssl.client.cert: x'],
        { target, from: '127.0.0.2' },
      );
      expect([target, status]).toEqual([target, target === '/public/x' ? 200 : 401]);
      expect(names.filter((name) => name.includes('client'))).toEqual([]);
      expect(user ?? '').toBe('');
    }
  });

  const bad: [string, () => string[]][] = [
    ['of another authority', () => [field(issue({}, authority(today)))]],
    ['that is self-signed', () => [field(issue({}, null))]],
    ['that has expired', () => [field(issue({ until: Date.now() - 60_000 }))]],
    ['that is not valid yet', () => [field(issue({ from: Date.now() + DAY / 2 }))]],
    ['of a client that plays authority', () => [field(issue({}, CI))]],
    ['of an authority', () => [field(issue({ isAuthority: true }))]],
    ['of a server', () => [field(issue({ usages: [SERVER_AUTH] }))]],
    ['with a critical extension', () => [field(issue({ strange: 'critical' }))]],
    ['with other attributes', () => [field(issue({ units: ['other'] }))]],
    [
      'with two names',
      () => [field(issue({ units: [], uris: ['spiffe://gw.test/bob', 'spiffe://gw.test/alice'] }))],
    ],
    [
      'of a user outside of the groups',
      () => [field(issue({ units: [], uris: ['spiffe://gw.test/alice'] }))],
    ],
    [
      'of a user with odd characters',
      () => [field(issue({ units: [], uris: ['spiffe://gw.test/bob\0'] }))],
    ],
    [
      'of a user whose name is only a header',
      () => ['Ssl-Client-S-Dn: CN=alice,OU=builds', 'Ssl-Client-Verify: SUCCESS'],
    ],
    ['that is sent twice', () => [field(CI), field(CI)]],
    [
      'beside another one',
      () => [`Ssl-Client-Cert: ${escaped(issue({ units: [] }))},${escaped(CI)}`],
    ],
    [
      'in a field of another name',
      () => [`X-Ssl-Client-Cert: ${escaped(CI)}`, `X-Forwarded-Client-Cert: Cert="${escaped(CI)}"`],
    ],
    ['that is cut off', () => [`Ssl-Client-Cert: ${escaped(CI).slice(0, -80)}`]],
    ['with its key', () => [`Ssl-Client-Cert: ${escaped(CI)}${encodeURIComponent(keyPem(CI))}`]],
    ['that is garbage', () => [`Ssl-Client-Cert: ${'%41'.repeat(3_000)}`]],
    ['that is none', () => ['Ssl-Client-Cert: ']],
    [
      'for a page of another site',
      () => [field(CI), 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'],
    ],
  ];
  it.each(bad)('%s opens nothing', async (_what, lines) => {
    const { status, user } = await ask(lines());
    expect([status, user]).toEqual([401, null]);
    expect(await statusOf(lines(), { target: '/machines/x' })).toBe(401);
  });

  it('is no sign-in, and opens neither the portal nor what accepts sessions alone', async () => {
    expect(await statusOf([field(CI)], { target: '/browsers/x' })).toBe(401);
    expect(await statusOf([field(CI)], { target: '/fresh/x' })).toBe(401);
    expect(await statusOf([field(CI)], { target: '/trusted/x' })).toBe(200);
    const portal = await ask([field(CI), 'Accept: text/html'], {
      target: '/',
      host: 'auth.gw.test',
    });
    expect(portal.raw).not.toContain('Alice');
  });

  it('never combines with another credential', async () => {
    const cookie = `Cookie: ${await world.cookieOf('bob')}`;
    expect((await ask([field(CI), cookie])).user).toBe('bob');
    expect((await ask([field(CI), cookie], { target: '/machines/x' })).user).toBe('alice');
    expect((await ask([field(CI), 'Cookie: doorward=stale'])).user).toBe('alice');
    const token = `dwt_${'0'.repeat(40)}`;
    expect(await statusOf([field(CI), `Authorization: Bearer ${token}`])).toBe(401);
  });

  it('leads browsers to the sign-in page if it does not count', async () => {
    const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate'];
    const { status, raw } = await ask([...page, field(issue({ units: ['other'] }))]);
    expect([status, raw.includes('/flow/login')]).toEqual([302, true]);
  });

  it('counts no longer once the file of its authority has another one', async () => {
    const other = authority(today);
    const [before, after] = [field(CI), field(issue({}, other))];
    expect([await statusOf([before]), await statusOf([after])]).toEqual([200, 401]);
    writeFileSync(caFile, other.pem);
    world.gateway.hangUp();
    await until('the reload', async () => (await statusOf([after])) === 200);
    expect(await statusOf([before])).toBe(401);
    writeFileSync(caFile, ca.pem);
    world.gateway.hangUp();
    await until('the reload', async () => (await statusOf([before])) === 200);
  });
});

describe.skipIf(!nginxFront.isHere())('a client certificate through nginx', () => {
  let gateway: Gateway;
  let app: EchoApp;
  let front: RunningFront;
  let [port, httpPort] = [0, 0];
  const withTls: Front = {
    ...nginxFront,
    start({ dir: folder, port: at, text }) {
      const server = issue({ names: ['gw.test'], usages: [SERVER_AUTH] });
      writeFileSync(join(folder, 'cert.pem'), server.pem);
      writeFileSync(join(folder, 'key.pem'), keyPem(server));
      const changed = text
        .replaceAll('/etc/nginx/tls/fullchain.pem', join(folder, 'cert.pem'))
        .replaceAll('/etc/nginx/tls/privkey.pem', join(folder, 'key.pem'))
        .replaceAll('/etc/nginx/tls/client-ca.pem', caFile)
        .replaceAll('listen 80;', `listen ${httpPort};`);
      expect(changed).toContain('ssl_verify_client');
      return nginxFront.start({ dir: folder, port: at, text: changed });
    },
  };
  beforeAll(async () => {
    [port, httpPort] = [await freePort(), await freePort()];
    app = await startEcho('app');
    gateway = await startGateway({
      publicPort: port,
      env: { DOORWARD_PUBLIC_URL: `https://auth.gw.test:${port}` },
      config: () => `session: { cookie_domains: [gw.test] }
${OPTIONS.extra}
trusted_proxies: [127.0.0.1]
routes:
${OPTIONS.routes(app)
  .map((line) => `  - ${line}`)
  .join('\n')}
`,
    });
    const { out } = await gateway.run(['generate', 'nginx']);
    front = await startFront(withTls, { port, text: out });
  });
  afterAll(async () => {
    await front?.stop();
    await gateway?.remove();
    await app?.close();
  });

  /** The status, and the user that the app saw. */
  function ask(
    owner: Issued | null,
    headers: Readonly<Record<string, string>> = {},
    path = '/x',
  ): Promise<readonly [number, string | null]> {
    app.seen.length = 0;
    const own = owner === null ? {} : { cert: owner.pem, key: keyPem(owner) };
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        servername: 'api.gw.test',
        rejectUnauthorized: false,
        agent: false as const,
        path,
        headers: { host: `api.gw.test:${port}`, ...headers },
        ...own,
      };
      const sent = request(options, (response) => {
        response.resume().on('end', () => {
          const raw = app.seen[0]?.rawHeaders;
          const names = raw?.map((name) => name.toLowerCase()) ?? [];
          expect(names).not.toContain('ssl-client-cert');
          const at = names.indexOf('remote-user');
          resolve([response.statusCode ?? 0, at < 0 ? null : (raw?.[at + 1] ?? null)]);
        });
      });
      sent.on('error', reject).end();
    });
  }

  it('that its client has the key of opens the app', async () => {
    expect(await ask(CI)).toEqual([200, 'alice']);
    expect(await ask(CI, {}, '/machines/x')).toEqual([200, 'alice']);
    expect(await ask(issue({ units: [], uris: ['spiffe://gw.test/bob'] }))).toEqual([200, 'bob']);
  });

  it('that a client only writes into the field opens nothing', async () => {
    const forged = { 'ssl-client-cert': escaped(CI), Ssl_Client_Cert: escaped(CI) };
    expect(await ask(null, forged)).toEqual([401, null]);
    expect(await ask(issue({ units: ['other'] }), forged)).toEqual([401, null]);
    expect(await ask(null, forged, '/public/x')).toEqual([200, null]);
  });

  it('that another authority has issued opens nothing', async () => {
    const strangers = [
      issue({}, authority({ ...today, names: ['Other CA'] })),
      issue({}, authority(today)),
      issue({}, null),
      issue({ until: Date.now() - 60_000 }),
    ];
    for (const owner of strangers) {
      const [status, user] = await ask(owner);
      // Some of them, nginx refuses by itself.
      expect([[400, 401].includes(status), user]).toEqual([true, null]);
    }
  });
});
