/** Locations of users: countries, impossible travel, sessions bound to a country. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FETCH } from '../support/client.ts';
import { ClientFrom } from '../support/client-from.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { mmdb } from '../support/mmdb-writer.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const BERLIN = '192.0.2.7';
const MUNICH = '192.0.2.200';
const TOKYO = '198.51.100.7';
const NOWHERE = '203.0.113.7';
const OFFICE = '10.20.30.40';

const at = (country: string, latitude: number, longitude: number) => ({
  country: { iso_code: country },
  location: { latitude, longitude },
});
const PLACES = mmdb({
  '192.0.2.0/25': at('DE', 52.5, 13.4),
  '192.0.2.128/25': at('DE', 48.1, 11.6),
  '198.51.100.0/24': at('JP', 35.7, 139.7),
});

const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
const LOGIN = (options = ''): string => `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password }
  - { type: user_login${options} }
`;
/** Asks for the password again after a sudden change of location. */
const AGAIN = `title: Once more
designation: authentication
requires: session
stages: [{ type: password }, { type: user_login }]
`;

let app: WebApp;
let folder: string;
let gateway: Gateway;
const database = (): string => join(folder, 'places.mmdb');

beforeAll(async () => {
  app = await startWebApp('app');
  folder = mkdtempSync(join(tmpdir(), 'doorward-places-'));
  writeFileSync(database(), PLACES);
});
afterAll(async () => {
  await app?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => gateway?.remove());

async function start(policies: string, userLogin = ''): Promise<void> {
  gateway = await startGateway({
    flows: { login: LOGIN(userLogin), logout: LOGOUT, again: AGAIN },
    config: () => `session: { cookie_domains: [gw.test] }
trusted_proxies: [127.0.0.1]
signals: { geo: { paths: ["${database()}"] } }
routes:
  - id: wiki
    host: wiki.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    policies: [${policies}]
`,
  });
}

const wiki = (): string => `${gateway.app('wiki')}/x`;

async function signedIn(ip: string): Promise<ClientFrom> {
  const client = new ClientFrom(ip);
  await client.signIn(wiki(), 'carol', PASSWORD);
  return client;
}

/** The reply to a script from there. */
async function fetchAs(client: ClientFrom, ip = client.ip): Promise<[number, string | undefined]> {
  client.ip = ip;
  const answer: Answer = await client.send(wiki(), { headers: FETCH });
  const { reason } = JSON.parse(answer.body) as { reason?: string };
  return [answer.status, reason];
}

describe('a route for one country', () => {
  it('is open from there, and closed to visitors of unknown location', async () => {
    await start('{ type: geo, any: { countries: [DE] } }');
    const client = await signedIn(BERLIN);
    expect(await fetchAs(client)).toEqual([200, undefined]);
    expect(await fetchAs(client, MUNICH)).toEqual([200, undefined]);
    expect(await fetchAs(client, TOKYO)).toEqual([403, 'geo/not-listed']);
    expect(await fetchAs(client, NOWHERE)).toEqual([403, 'signal/missing']);
    expect(await fetchAs(client, OFFICE)).toEqual([403, 'signal/missing']);
    expect(await fetchAs(client, BERLIN)).toEqual([200, undefined]);
  });
});

describe('a route with a limit on travel speed', () => {
  it('requires another sign-in after impossible travel, and then opens', async () => {
    await start('{ type: travel, otherwise: again }');
    const client = await signedIn(BERLIN);
    expect(await fetchAs(client)).toEqual([200, undefined]);
    expect(await fetchAs(client, TOKYO)).toEqual([401, 'travel/too-fast']);
    expect(await fetchAs(client, NOWHERE)).toEqual([403, 'signal/missing']);
    // The same ticket at its usual location is not affected.
    expect(await fetchAs(client, BERLIN)).toEqual([200, undefined]);
    client.ip = TOKYO;
    const page = await client.follow(wiki());
    expect(new URL(page.url).pathname).toBe('/flow/again');
    const back = await client.submitAndFollow(page, { password: PASSWORD });
    expect([back.status, JSON.parse(back.body).app]).toEqual([200, 'app']);
    expect(await fetchAs(client, TOKYO)).toEqual([200, undefined]);
    const { out } = await gateway.run(['user', 'show', 'carol']);
    const shown = out.slice(out.indexOf('SIGNED IN')).match(/[\d.]+\.\d+$/gm);
    expect(shown).toEqual([TOKYO, BERLIN]);
  });
});

describe('a session bound to its country', () => {
  it('is valid anywhere in it, and invalid elsewhere', async () => {
    await start('', ', bind: geo');
    const client = await signedIn(BERLIN);
    expect(await fetchAs(client, MUNICH)).toEqual([200, undefined]);
    expect(await fetchAs(client, TOKYO)).toEqual([401, 'session/elsewhere']);
    expect(await fetchAs(client, NOWHERE)).toEqual([401, 'session/elsewhere']);
    expect(await fetchAs(client, BERLIN)).toEqual([200, undefined]);
  });
});

describe('a gateway', () => {
  it('does not start without its database, and names it with a remedy', async () => {
    writeFileSync(database(), 'half a dow');
    await expect(start('')).rejects.toThrow(
      `The database ${database()} cannot be used: it is no MaxMind DB file, or not a whole one. Put an .mmdb file there`,
    );
    writeFileSync(database(), PLACES);
  });
});
