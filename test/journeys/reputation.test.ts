/**
 * What sign-in requires after recent failures, or in an unknown browser: a captcha after failures,
 * by account and by address, for known and unknown names alike; a message in a new browser. On both
 * stores.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, type Sending } from '../support/client.ts';
import { answer, begin, type Talk } from '../support/flow-api.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const GUARDED = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - type: captcha
    kind: proof_of_work
    policies: [{ type: reputation, above: -3, negate: true }]
  - { type: password }
  - { type: user_login }
`;
const WELCOME = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password }
  - type: message
    title: New here
    text: This browser has not signed you in before.
    policies: [{ type: device, negate: true }]
  - { type: user_login }
`;
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';

/** Connects through a trusted proxy, from the given address. */
class From extends Client {
  readonly #ip: string;

  constructor(ip: string) {
    super();
    this.#ip = ip;
  }

  override send(url: string, sending: Sending = {}): Promise<Answer> {
    return super.send(url, {
      ...sending,
      headers: { ...sending.headers, 'x-forwarded-for': this.#ip },
    });
  }
}

describe.each(['embedded', 'redis'] as const)('with the state %s', (store) => {
  let gateway: Gateway;
  let redis: RedisServer | null = null;
  beforeAll(async () => {
    redis = store === 'redis' ? await startRedis() : null;
    gateway = await startGateway({
      state: redis?.url ?? 'embedded',
      env: { DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64') },
      flows: { login: GUARDED, welcome: WELCOME, logout: LOGOUT },
      config: () => 'trusted_proxies: [127.0.0.1]\n',
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await redis?.stop();
  });

  const named = async (login: string, client: Client, flow = 'login'): Promise<Talk> =>
    answer(await begin(gateway.portal, client, flow, { as: 'other' }), { login });
  const stageAfterName = async (login: string, ip: string): Promise<string> =>
    (await named(login, new From(ip))).reply.json.stage.type;
  const fail = async (login: string, ip: string): Promise<void> => {
    const refused = await answer(await named(login, new From(ip)), {
      password: 'not the password',
    });
    expect(refused.reply.status).toBe(401);
  };

  it.each([
    ['alice', '192.0.2.'],
    ['nobody-of-that-name', '198.51.100.'],
  ])('a captcha is required of %s after three failures, from any address', async (login, net) => {
    for (const last of [1, 2, 3]) {
      expect(await stageAfterName(login, `${net}9`)).toBe('password');
      await fail(login, `${net}${last}`);
    }
    expect(await stageAfterName(login, `${net}9`)).toBe('captcha');
    expect(await stageAfterName('bob', `${net}9`)).toBe('password');
  });

  it('a captcha is required of every user on a network that failed, and nowhere else', async () => {
    for (const [i, login] of ['one', 'two', 'three'].entries()) {
      await fail(login, `2001:db8:7:7::${i + 1}`);
    }
    expect(await stageAfterName('carol', '2001:db8:7:7:ffff::9')).toBe('captcha');
    expect(await stageAfterName('carol', '2001:db8:7:8::9')).toBe('password');
  });

  it('a browser is unknown until it has signed a user in, and stays so for others', async () => {
    const home = new From('203.0.113.1');
    const signIn = async (login: string, client: Client): Promise<Talk> =>
      answer(await named(login, client, 'welcome'), { password: PASSWORD });
    const first = await signIn('bob', home);
    expect(first.reply.json.stage.type).toBe('message');
    expect((await answer(first, {})).reply.json.done).toBe(true);
    expect((await signIn('bob', home)).reply.json.done).toBe(true);
    expect((await signIn('carol', home)).reply.json.stage.type).toBe('message');
    expect((await signIn('bob', new From('203.0.113.1'))).reply.json.stage.type).toBe('message');
  });
});
