/**
 * Answers of a real provider through each real proxy, with the state in Redis: as a form from another site,
 * twice, replayed, in the wrong browser, and while Redis is dead.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import {
  CLIENT,
  type RealProvider,
  startOidcProvider,
  visitProvider,
} from '../support/oidc-provider.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import {
  behindApache,
  behindCaddy,
  behindHaproxy,
  behindNginx,
  isAway,
  type Mode,
  ownProxy,
} from './modes.ts';

const MODES = [ownProxy, behindNginx, behindCaddy, behindHaproxy, behindApache];
const env = { DOORWARD_SESSION__SECRETS: '0d4d53bb-6b0c-4a52-9e4c-2f0f9b3c5a11' };
const TICKET = /^doorward=[^;]/;

describe.each<Mode>(MODES.filter((mode) => !isAway(mode)))('through $name', (mode) => {
  let redis: RedisServer;
  let world: World;
  let provider: RealProvider;
  beforeAll(async () => {
    const port = await freePort();
    redis = await startRedis({ persist: true });
    world = await startWorld({
      trusted: mode.front !== null,
      ...(mode.front === null ? {} : { front: mode.front }),
      state: redis.url,
      env,
      directories: '[{ type: embedded }]',
      extra: `throttle: { free: 1000 }
sources:
  company:
    type: oidc
    issuer: http://127.0.0.1:${port}
    client_id: ${CLIENT.client_id}
    client_secret: ${CLIENT.client_secret}
    unknown: create`,
    });
    provider = await startOidcProvider({ port, redirectUris: [back()] });
  });
  afterAll(async () => {
    await world?.close();
    await Promise.all([redis?.stop(), provider?.stop()]);
  });

  const back = (): string => `${world.gateway.portal}/flow/login/back`;
  const app = (): string => `http://app.gw.test:${world.port}/page`;
  const tokens = (): number => provider.requests.filter((one) => one === 'POST /token').length;

  /** The answer for a visit that this browser begins. */
  async function answerFor(client: Client): Promise<URLSearchParams> {
    const left = await client.submit(await client.follow(app()), { login: '', source: 'company' });
    return visitProvider(left.location, { redirectUri: back() });
  }
  const urlFor = async (client: Client): Promise<string> =>
    `${back()}?${(await answerFor(client)).toString()}`;
  /** A cross-site POST, with which browsers send no cookie of ours. */
  const post = (answer: URLSearchParams): Promise<Answer> =>
    new Client().send(back(), {
      method: 'POST',
      bare: true,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: provider.issuer,
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
      body: answer.toString(),
    });
  const isIn = async (client: Client): Promise<boolean> =>
    (await client.open(app())).status === 200;

  it('the longest form of a provider signs in, and no URL has its code', async () => {
    const client = new Client();
    const answer = await answerFor(client);
    answer.set('user', 'x'.repeat(3072 - answer.toString().length - '&user='.length));
    const sent = await post(answer);
    expect(sent.status).toBe(303);
    expect(sent.location.startsWith(`${back()}?answer=`)).toBe(true);
    expect(sent.location).not.toContain(answer.get('code'));
    expect((await client.follow(sent.location)).url).toBe(app());
    expect(await isIn(client)).toBe(true);
  });

  it('a longer form is refused', async () => {
    const client = new Client();
    const answer = await answerFor(client);
    answer.set('user', 'x'.repeat(3072));
    const sent = await post(answer);
    expect([sent.status >= 400, sent.location]).toEqual([true, '']);
    expect(await isIn(client)).toBe(false);
  });

  it('an answer signs in no other browser, be it as a link or as a form', async () => {
    const [attacker, victim] = [new Client(), new Client()];
    const answer = await answerFor(attacker);
    await victim.follow(app());
    const before = tokens();
    const asLink = await victim.follow(`${back()}?${answer.toString()}`);
    const asForm = await victim.follow((await post(answer)).location);
    expect([asLink.status, asForm.status, await isIn(victim)]).toEqual([403, 403, false]);
    expect(tokens()).toBe(before);
    // Nothing was redeemed, so the browser that asked is signed in.
    await attacker.follow(`${back()}?${answer.toString()}`);
    expect(await isIn(attacker)).toBe(true);
  });

  it('an answer that arrives several times at once is redeemed once', async () => {
    const client = new Client();
    const url = await urlFor(client);
    const before = tokens();
    const seen = await Promise.all([1, 2, 3, 4].map(() => client.open(url)));
    expect(seen.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(tokens()).toBe(before + 1);
    expect(await isIn(client)).toBe(true);
  });

  it('an answer opened again, as by the back button, changes nothing', async () => {
    const client = new Client();
    const url = await urlFor(client);
    await client.follow(url);
    const before = tokens();
    const again = await client.open(url);
    expect(again.cookies.filter((line) => TICKET.test(line))).toEqual([]);
    expect([again.status, tokens(), await isIn(client)]).toEqual([303, before, true]);
    const other = new Client();
    expect([(await other.follow(url)).status, await isIn(other)]).toEqual([403, false]);
  });

  it('two tabs each have their own visit', async () => {
    const client = new Client();
    const first = await urlFor(client);
    const second = await urlFor(client);
    await client.follow(first);
    expect(await isIn(client)).toBe(true);
    const later = await client.follow(second);
    expect([later.status < 400, await isIn(client)]).toEqual([true, true]);
  });

  it('nothing opens while Redis is dead, and the same address leads on when it is back', async () => {
    const client = new Client();
    const url = await urlFor(client);
    const before = tokens();
    await redis.kill();
    const seen = await client.open(url);
    expect([seen.status, seen.location]).toEqual([503, '']);
    expect(seen.cookies.filter((line) => TICKET.test(line))).toEqual([]);
    expect(tokens()).toBe(before);
    await redis.start();
    await until('the sign-in after Redis is back', async () => {
      await client.follow(url);
      return isIn(client);
    });
    expect(tokens()).toBe(before + 1);
  });
});
