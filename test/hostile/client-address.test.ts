/**
 * `client_address`: a header of its own names the client, from trusted peers only. They must send it
 * exactly once with one address; any other copy decides nothing and reaches no app.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { type EchoApp, signedIn, startEcho } from './fixture.ts';
import { valuesOf } from './probes.ts';

const FIELD = 'CF-Connecting-IP';
const OFFICE = '10.1.2.3';
const PROXY = '127.0.0.9';
const STRANGER = '127.0.0.1';

let app: EchoApp;
let gateway: Gateway;
let pair: string;

beforeAll(async () => {
  app = await startEcho('app');
  gateway = await startGateway({
    config: () => `session: { cookie_domains: [gw.test] }
trusted_proxies: [${PROXY}]
client_address: { header: ${FIELD} }
routes:
  - id: office
    host: office.gw.test
    upstream: ${app.origin}
    policies: [{ type: network, any: [10.1.0.0/16, "2001:db8::/32"] }]
  - { id: app, host: app.gw.test, upstream: "${app.origin}" }
`,
  });
  ({ pair } = await signedIn(gateway, 'alice'));
});
beforeEach(() => void (app.seen.length = 0));
afterAll(async () => {
  await gateway.remove();
  await app.close();
});

/** Sends a request as bytes; the status of its only reply. */
async function ask(from: string, host: string, lines: readonly string[]): Promise<number[]> {
  const head = ['GET /x HTTP/1.1', `Host: ${host}`, `Cookie: ${pair}`];
  return statuses(
    await sendRaw(gateway.port, [...head, ...lines, 'Connection: close', '', ''].join('\r\n'), {
      from,
      quiet: 30_000,
    }),
  );
}

/** What the app received in the only request. */
function received(name: string): string[] {
  expect(app.seen).toHaveLength(1);
  return valuesOf(app.seen[0]?.rawHeaders ?? [], name);
}

/** Values that name no client. */
const FAULTY: readonly (readonly string[])[] = [
  [],
  [''],
  ['  '],
  [OFFICE, OFFICE],
  [OFFICE, '192.0.2.1'],
  [`${OFFICE}, ${PROXY}`],
  [`${OFFICE},`],
  ['unknown'],
  ['_hidden'],
  [`for=${OFFICE}`],
  [`"${OFFICE}"`],
  ['10.1.2.03'],
  ['10.1.2'],
  [`${OFFICE}:`],
  [`${OFFICE}:65536`],
  [`[${OFFICE}]:80`],
  ['[2001:db8::7]:'],
  ['2001:db8::7]:80'],
  ['fe80::1%eth0'],
  [`${OFFICE} `.repeat(400)],
];

describe('from a trusted peer', () => {
  it.each([
    [OFFICE, OFFICE],
    [`${OFFICE}:4711`, OFFICE],
    ['::ffff:10.1.2.3', OFFICE],
    ['2001:DB8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
  ])('%s is the client %s', async (sent, client) => {
    expect(await ask(PROXY, 'office.gw.test', [`${FIELD}: ${sent}`])).toEqual([200]);
    expect(received(FIELD)).toEqual([client]);
    expect(received('X-Real-IP')).toEqual([client]);
    expect(received('X-Forwarded-For')).toEqual([`${client}, ${PROXY}`]);
  });

  it.each([OFFICE, `192.0.2.1, ${OFFICE}`, 'unknown', ''])(
    'X-Forwarded-For: %s names no client',
    async (list) => {
      const lines = [`${FIELD}: 192.0.2.1`, `X-Forwarded-For: ${list}`, `X-Real-IP: ${OFFICE}`];
      expect(await ask(PROXY, 'office.gw.test', lines)).toEqual([403]);
      expect(await ask(PROXY, 'app.gw.test', lines)).toEqual([200]);
      expect(received('X-Forwarded-For')).toEqual([`192.0.2.1, ${PROXY}`]);
    },
  );

  it.each(FAULTY)('is refused with %j', async (...values) => {
    const lines = values.map((value, i) => `${i === 0 ? FIELD : FIELD.toLowerCase()}: ${value}`);
    const all = [...lines, `X-Forwarded-For: ${OFFICE}`, `CF_Connecting_IP: ${OFFICE}`];
    expect(await ask(PROXY, 'app.gw.test', all)).toEqual([400]);
    expect(app.seen).toEqual([]);
  });
});

describe('from any other peer', () => {
  it.each([[OFFICE], ...FAULTY])('%j is ignored and does not reach the app', async (...values) => {
    const lines = values.map((value) => `${FIELD}: ${value}`);
    expect(await ask(STRANGER, 'office.gw.test', lines)).toEqual([403]);
    expect(app.seen).toEqual([]);
    expect(await ask(STRANGER, 'app.gw.test', lines)).toEqual([200]);
    expect(received(FIELD)).toEqual([STRANGER]);
  });

  it.each([
    'cf-connecting-ip',
    'CF_Connecting_IP',
    'CF.Connecting-IP',
    'CFConnectingIP',
    'HTTP-CF-Connecting-IP',
  ])('the spelling %s does not reach the app', async (name) => {
    expect(await ask(STRANGER, 'app.gw.test', [`${name}: ${OFFICE}`])).toEqual([200]);
    expect(received(FIELD)).toEqual([STRANGER]);
    expect(app.seen[0]?.rawHeaders).not.toContain(OFFICE);
  });

  it('Connection does not remove it on the way to the app', async () => {
    const lines = ['GET /x HTTP/1.1', 'Host: app.gw.test', `Cookie: ${pair}`];
    const listed = [`${FIELD}: ${OFFICE}`, `Connection: close, ${FIELD}`, '', ''];
    const raw = await sendRaw(gateway.port, [...lines, ...listed].join('\r\n'));
    expect(statuses(raw)).toEqual([200]);
    expect(received(FIELD)).toEqual([STRANGER]);
  });
});

describe.each(['nginx', 'traefik', 'caddy', 'haproxy', 'envoy'])('a check by %s', (dialect) => {
  const check = async (from: string, lines: readonly string[]): Promise<number[]> => {
    const head =
      dialect === 'envoy'
        ? ['GET /.doorward/check/envoy/x HTTP/1.1', 'Host: office.gw.test:PORT']
        : [`GET /.doorward/check/${dialect} HTTP/1.1`, 'Host: doorward'];
    const described =
      dialect === 'nginx'
        ? ['X-Original-URL: http://office.gw.test:PORT/x', 'X-Original-Method: GET']
        : ['X-Forwarded-Proto: http'];
    const original = ['X-Forwarded-Method: GET', 'X-Forwarded-Host: office.gw.test:PORT'];
    const forwarded =
      dialect === 'nginx' || dialect === 'envoy' ? [] : [...original, 'X-Forwarded-Uri: /x'];
    const all = [...head, ...described, ...forwarded, `Cookie: ${pair}`, ...lines];
    const text = [...all, 'Connection: close', '', ''].join('\r\n');
    const raw = await sendRaw(gateway.port, text.replaceAll('PORT', String(gateway.port)), {
      from,
      quiet: 30_000,
    });
    return statuses(raw);
  };

  it('takes the client from the header alone', async () => {
    expect(await check(PROXY, [`${FIELD}: ${OFFICE}`])).toEqual([200]);
    const other = [`${FIELD}: 192.0.2.1`, `X-Forwarded-For: ${OFFICE}`];
    expect(await check(PROXY, other)).toEqual([403]);
  });

  it.each(FAULTY)('is refused with %j', async (...values) => {
    const lines = values.map((value) => `${FIELD}: ${value}`);
    expect(await check(PROXY, [...lines, `X-Forwarded-For: ${OFFICE}`])).toEqual([400]);
  });

  it.each(['CF_Connecting_IP', 'CFConnectingIP'])('is refused with %s', async (name) => {
    expect(await check(PROXY, [`${FIELD}: 192.0.2.1`, `${name}: ${OFFICE}`])).toEqual([400]);
  });
});
