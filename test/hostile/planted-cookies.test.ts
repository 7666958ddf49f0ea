/**
 * Cookies that another host planted, or that a client spells in its own way, through each mode: they
 * are one user's session or no session, they reach no app, and they keep no user from signing in.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import { signedIn, startWorld, type World } from './fixture.ts';
import { behindCaddy, behindNginx, isAway, ownProxy } from './modes.ts';

/** A browser that sends this pair before its own cookies, whatever any Set-Cookie says. */
class PlantedClient extends Client {
  readonly #pair: string;

  constructor(pair: string) {
    super();
    this.#pair = pair;
  }

  override cookieHeader(host: string): string {
    return [this.#pair, super.cookieHeader(host)].filter((part) => part !== '').join('; ');
  }
}

/** The lines of a request with bob's ticket T and alice's ticket A. */
const SESSION = [
  ['a name without a value', 'Cookie: doorward; doorward=T'],
  ['a value without a name', 'Cookie: =doorward; doorward=T'],
  ['a tab around the name', 'Cookie:\tdoorward\t=\tT'],
  ['blanks after the value', `Cookie: doorward=T${' '.repeat(2000)}`],
  ['thousands of empty pairs', `Cookie: ${';'.repeat(5000)} doorward=T`],
  ['a name that only looks the same', 'Cookie: \u00a0doorward=A; doorward=T'],
  ['an unclosed quote before it', 'Cookie: a="; doorward=T; b="'],
  ['another credential beside it', 'Cookie: doorward=T\r\nAuthorization: Bearer A'],
] as const;
const TWO = [
  ['the same twice', 'Cookie: doorward=T; doorward=T'],
  ['those of two users', 'Cookie: doorward=T; doorward=A'],
  ['an empty one', 'Cookie: doorward=; doorward=T'],
  ['an invalid one', 'Cookie: doorward=x; doorward=T'],
  ['one that is too long', `Cookie: doorward=${'x'.repeat(1100)}; doorward=T`],
  ['one with another credential', 'Cookie: doorward=T; doorward=T\r\nAuthorization: Bearer T'],
] as const;
const NONE = [
  ['two fields', 'Cookie: doorward=A\r\nCookie: doorward=T'],
  ['an empty field before it', 'Cookie:\r\nCookie: doorward=T'],
  ['quotes', 'Cookie: doorward="T"'],
  ['a comma before it', 'Cookie: a=1, doorward=T'],
  ['another case', 'Cookie: Doorward=T'],
  ['the name of another scheme', 'Cookie: __Secure-doorward=T'],
  ['an escape after it', 'Cookie: doorward=T%00'],
  ['padding', 'Cookie: doorward=T='],
  ['another version mark', 'Cookie: doorward=T~2'],
  ['thousands of letters', `Cookie: doorward=${'x'.repeat(7000)}`],
  ['another field', 'Cookie2: doorward=T'],
  ['the field of an answer', 'Set-Cookie: doorward=T'],
] as const;

for (const mode of [ownProxy, behindNginx, behindCaddy]) {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    let filled: (line: string) => string;
    beforeAll(async () => {
      const front = mode.front === null ? {} : { front: mode.front };
      world = await startWorld({ trusted: mode.front !== null, ...front });
      const [bob, alice] = [await world.cookieOf('bob'), await world.cookieOf('alice')];
      const valueOf = (pair: string) => pair.slice('doorward='.length);
      filled = (line) =>
        line.replaceAll(/\bT\b/g, valueOf(bob)).replaceAll(/\bA\b/g, valueOf(alice));
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    /** The answer for a path that only bob may open. */
    const ask = async (line: string, more: readonly string[] = ['Connection: close']) => {
      const { host } = new URL(world.gateway.app('app'));
      const lines = ['GET /admin/x HTTP/1.1', `Host: ${host}`, filled(line), ...more, '', ''];
      const [answer] = answersOf(await sendRaw(world.port, lines.join('\r\n')));
      const reason = /"reason":"([^"]*)"/.exec(answer?.body ?? '')?.[1] ?? null;
      return [answer?.status, reason, world.app.seen.length];
    };

    it.each(SESSION)('is the session of its user: %s', async (_, line) => {
      expect(await ask(line)).toEqual([200, null, 1]);
      const fields = world.app.seen.flatMap(({ rawHeaders }) => rawHeaders);
      expect(fields).toContain('bob');
      expect(fields.join('\n')).not.toContain(filled('T'));
    });

    it.each(TWO)('is no session beside another of its name: %s', async (_, line) => {
      expect(await ask(line)).toEqual([401, 'session/two-cookies', 0]);
    });

    it.each(NONE)('is no session: %s', async (_, line) => {
      expect(await ask(line)).toEqual([401, 'session/none', 0]);
    });

    it('opens a websocket under the same rules', async () => {
      const upgrade = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Origin: ${world.gateway.app('app')}`,
      ];
      expect(await ask('Cookie: doorward; doorward=T', upgrade)).toEqual([101, null, 1]);
      for (const [, line] of [...TWO, NONE[0]]) {
        expect((await ask(line, upgrade)).toSpliced(1, 1)).toEqual([401, 1]);
      }
    });

    it.each(['doorward', 'doorward-browser', 'doorward-device', 'doorward-ended'])(
      'does not keep its user from signing in, and ends no session: a planted %s without a value',
      async (pair) => {
        const client = new PlantedClient(pair);
        const landed = await client.signIn(world.gateway.app('app'), 'alice', PASSWORD);
        expect([landed.status, landed.url]).toEqual([200, `${world.gateway.app('app')}/`]);
        await client.open(`${world.gateway.portal}/flow/login`);
        expect((await client.open(world.gateway.app('app'))).status).toBe(200);
      },
    );

    it('a form posted many times at once starts one session', async () => {
      const { client } = await signedIn(world.gateway, 'carol');
      const list = async () =>
        JSON.parse((await world.gateway.run(['session', 'list', '--json', '--user', 'carol'])).out);
      const url = `${world.gateway.portal}/flow/login?as=other&again=1`;
      const page = await client.submitAndFollow(await client.open(url), { login: 'carol' });
      const before = await list();
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => client.submit(page, { password: PASSWORD })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
      const ticket = ({ cookies }: { cookies: readonly string[] }) =>
        cookies.find((line) => /^doorward=[^;]/.test(line))?.split(';')[0];
      expect(new Set(answers.map(ticket)).size).toBe(1);
      const ids = (all: readonly { id: string }[]) => new Set(all.map(({ id }) => id));
      const after = await list();
      expect([...ids(after)].filter((id) => !ids(before).has(id))).toHaveLength(1);
    });
  });
}
