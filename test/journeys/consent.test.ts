/**
 * Apps that open after users allow them what they ask for, and flows with the operator's own texts:
 * through a real gateway, on both stores.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH } from '../support/client.ts';
import { headingOf, linkOf } from '../support/flow-pages.ts';
import { type Gateway, PASSWORD, spawnGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp } from '../support/web-app.ts';

const START = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const LOGOUT = readFileSync(join(import.meta.dirname, '../../flows/logout.yaml'), 'utf8');

const LOGIN = `title: Sign in
designation: authentication
texts:
  password.title: { en: "Open up, <b>please</b>", de: Aufmachen bitte }
  password.throttled: "Slow down, for {minutes, plural, one {a minute} other {# minutes}}."
stages:
  - { type: identification }
  - { type: password }
  - { type: user_login }
`;
const asking = (permissions: string, more = ''): string => `title: Permission
designation: authorization
requires: session
stages: [{ type: consent${more}, permissions: ${permissions} }]
`;
const FLOWS = {
  login: LOGIN,
  logout: LOGOUT,
  consent: asking('{ email: Your address }'),
  'for-now': asking('{ email: Your address }', ', mode: expires, expires: 1h'),
  join: `title: Join us
designation: enrollment
requires: anonymous
denied: { action: message_continue, text: { en: You are one of us., de: Sie gehören dazu. } }
stages: [{ type: message, title: Join us, text: Ask at the desk. }]
`,
  terms: `title: Terms
designation: authorization
requires: session
policies: [{ type: group, any: [empty-group] }]
denied: { action: continue, text: "The board is for admins & their guests." }
stages: [{ type: message, title: Terms, text: Read them. }]
`,
};

const ROUTES = `
  - { id: wiki, host: wiki.gw.test, upstream: UPSTREAM }
  - id: photos
    title: Photos
    host: photos.gw.test
    upstream: UPSTREAM
    policies: [{ type: consent, permissions: [email], otherwise: consent }]
  - id: music
    host: music.gw.test
    upstream: UPSTREAM
    policies: [{ type: consent, permissions: [email], otherwise: for-now }]
  - id: films
    host: films.gw.test
    upstream: UPSTREAM
    policies: [{ type: consent }]
  - id: board
    host: board.gw.test
    upstream: UPSTREAM
    policies: [{ type: group, any: [admins], otherwise: terms }]
`;

interface World {
  readonly gateway: Gateway;
  /** Sets the gateway's clock. */
  readonly at: (time: number) => void;
  readonly close: () => Promise<void>;
}

async function startWorld(store: 'embedded' | 'redis'): Promise<World> {
  const app = await startWebApp('app');
  const redis = store === 'redis' ? await startRedis() : null;
  const dir = mkdtempSync(join(tmpdir(), 'doorward-clock-'));
  const clock = join(dir, 'clock');
  const at = (time: number): void => writeFileSync(clock, String(time));
  at(START);
  const gateway = await spawnGateway({
    state: redis?.url ?? 'embedded',
    env: {
      DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64'),
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/moved-clock.ts')}`,
      MOVED_CLOCK: clock,
    },
    flows: FLOWS,
    config: () => `session: { cookie_domains: [gw.test], idle: 6h }
routes:${ROUTES.replaceAll('UPSTREAM', `"http://127.0.0.1:${app.port}"`)}`,
  });
  const close = async (): Promise<void> => {
    await gateway.remove();
    await Promise.all([app.close(), redis?.stop()]);
    rmSync(dir, { recursive: true });
  };
  return { gateway, at, close };
}

describe.each(['embedded', 'redis'] as const)('with the state %s', (store) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(store);
  });
  afterAll(() => world?.close());

  const url = (app: string, path = '/'): string => world.gateway.app(app) + path;
  const flow = (name: string): string => `${world.gateway.portal}/flow/${name}`;
  const signedIn = async (name: string): Promise<Client> => {
    const client = new Client();
    const end = await client.signIn(url('wiki'), name, PASSWORD);
    expect(end).toMatchObject({ status: 200, url: url('wiki') });
    return client;
  };
  const isAt = (page: Answer, name: string): boolean =>
    new URL(page.url).pathname === `/flow/${name}`;
  /** The reply to a script: what is missing, and where the user is asked. */
  const told = async (client: Client, to: string): Promise<readonly [number, string]> => {
    const answer = await client.send(to, { headers: FETCH });
    return [answer.status, (JSON.parse(answer.body) as { readonly reason?: string }).reason ?? ''];
  };

  it('an app asks on the first visit and opens on the second, separately for each app and user', async () => {
    const deep = url('photos', '/albums?of=%20me');
    const alice = await signedIn('alice');
    expect(await told(alice, deep)).toEqual([401, 'consent/missing']);
    const question = await alice.follow(deep);
    expect([isAt(question, 'consent'), headingOf(question)]).toEqual([
      true,
      'Let Photos know who you are?',
    ]);
    // Viewing the question does not answer it.
    expect((await alice.open(deep)).status).toBe(302);
    const opened = await alice.submitAndFollow(question, {});
    expect(opened).toMatchObject({ status: 200, url: deep });
    expect((await alice.open(deep)).status).toBe(200);
    expect((await (await signedIn('alice')).open(deep)).status).toBe(200);
    expect(isAt(await (await signedIn('carol')).follow(deep), 'consent')).toBe(true);
    expect(isAt(await alice.follow(url('music')), 'for-now')).toBe(true);
  });

  it('declining keeps the app closed, and the next visit asks again', async () => {
    const bob = await signedIn('bob');
    const question = await bob.follow(url('photos'));
    const denied = await bob.submitAndFollow(question, { decision: 'deny' });
    expect(denied.status).toBe(403);
    expect(await told(bob, url('photos'))).toEqual([401, 'consent/missing']);
    expect((await bob.open(url('photos'))).location).toContain('/flow/consent');
  });

  it('the app asks again for a further permission, and after a revocation', async () => {
    const { gateway } = world;
    const carol = await signedIn('carol');
    const first = await carol.submitAndFollow(await carol.follow(url('photos')), {});
    expect(first).toMatchObject({ status: 200, url: url('photos') });

    const change = async (file: string, from: string, to: string): Promise<void> => {
      const reloads = (): number => gateway.output().split('"msg":"reload"').length;
      const before = reloads();
      writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
      await until('the change is noticed', () => reloads() > before);
    };
    const more = '{ email: Your address, groups: Your groups }';
    await change(join(gateway.dir, 'flows/consent.yaml'), '{ email: Your address }', more);
    expect((await carol.open(url('photos'))).status).toBe(200);
    await change(
      gateway.configFile,
      '[email], otherwise: consent',
      '[email, groups], otherwise: consent',
    );
    expect(await told(carol, url('photos'))).toEqual([401, 'consent/missing']);
    // Within ten seconds of the first consent, this would be treated as a redirect loop.
    world.at(START + 60_000);
    const again = await carol.follow(url('photos'));
    expect([isAt(again, 'consent'), again.body.includes('Your groups')]).toEqual([true, true]);
    const opened = await carol.submitAndFollow(again, {});
    expect(opened).toMatchObject({ status: 200, url: url('photos') });

    const ran = await gateway.run(['user', 'reset', 'carol', '--consents']);
    expect(ran.code, ran.err).toBe(0);
    const back = await signedIn('carol');
    expect(await told(back, url('photos'))).toEqual([401, 'consent/missing']);
    const question = await back.follow(url('photos'));
    expect(isAt(question, 'consent')).toBe(true);
    expect(await back.submitAndFollow(question, {})).toMatchObject({ status: 200 });
    world.at(START);
  });

  it('a consent for a limited time expires', async () => {
    const bob = await signedIn('bob');
    const question = await bob.follow(url('music'));
    expect(await bob.submitAndFollow(question, {})).toMatchObject({
      status: 200,
      url: url('music'),
    });
    world.at(START + HOUR - 1);
    expect((await bob.open(url('music'))).status).toBe(200);
    world.at(START + HOUR);
    expect(await told(bob, url('music'))).toEqual([401, 'consent/expired']);
    const again = await bob.follow(url('music'));
    expect(isAt(again, 'for-now')).toBe(true);
    expect(await bob.submitAndFollow(again, {})).toMatchObject({ status: 200, url: url('music') });
    world.at(START);
  });

  it('an app without a consent flow refuses, and gives the reason', async () => {
    const alice = await signedIn('alice');
    const refused = await alice.open(url('films'));
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('This app needs your consent first.');
  });

  it('a flow shows the operator’s texts, in the visitor’s language', async () => {
    const client = new Client();
    const first = await client.follow(flow('login'));
    const next = await client.submitAndFollow(first, { login: 'alice' });
    expect(headingOf(next)).toBe('Open up, <b>please</b>');
    expect(next.body).not.toContain('<b>');
    const german = await client.open(next.url, { 'accept-language': 'de-CH' });
    expect(headingOf(german)).toBe('Aufmachen bitte');
    const script = new Client();
    const question = await script.send(flow('login').replace('/flow/', '/api/flow/'));
    const { seed, csrf } = JSON.parse(question.body) as {
      readonly seed: string;
      readonly csrf: string;
    };
    const answered = await script.send(flow('login').replace('/flow/', '/api/flow/'), {
      method: 'POST',
      headers: { ...FETCH, 'content-type': 'application/json', 'accept-language': 'de' },
      body: JSON.stringify({ seed, csrf, answer: { login: 'alice' } }),
    });
    expect(JSON.parse(answered.body)).toMatchObject({ challenge: { title: 'Aufmachen bitte' } });
  });

  it('a signed-in user who opens a flow for anonymous visitors learns how to continue', async () => {
    const alice = await signedIn('alice');
    const page = await alice.open(`${flow('join')}?rd=${encodeURIComponent(url('wiki', '/x'))}`);
    expect([page.status, page.body.includes('You are one of us.')]).toEqual([200, true]);
    expect(linkOf(page, 'Continue')).toBe(url('wiki', '/x'));
    const script = await alice.send(
      `${world.gateway.portal}/api/flow/join?rd=${encodeURIComponent(url('wiki'))}`,
      { headers: { ...FETCH, 'accept-language': 'de' } },
    );
    expect(script.status).toBe(403);
    expect(JSON.parse(script.body)).toMatchObject({
      error: 'flow/denied',
      message: 'Sie gehören dazu.',
      continue: url('wiki'),
    });
  });

  it('a page ends the redirect loop between a flow and an app', async () => {
    const alice = await signedIn('alice');
    const page = await alice.follow(url('board'));
    expect([page.status, isAt(page, 'terms')]).toEqual([403, true]);
    expect(page.body).toContain('The board is for admins &amp; their guests.');
    const open = await alice.open(`${flow('terms')}?rd=${encodeURIComponent(url('wiki'))}`);
    expect([open.status, open.location]).toEqual([303, url('wiki')]);
  });
});
