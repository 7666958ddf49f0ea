/**
 * A captured form: an attacker who has the bytes of a sign-in, cookies included, does not get its
 * session.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, NAVIGATION, readForm } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { startWorld, type World } from './fixture.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true });
});
afterAll(() => world.close());

it('a second submit of the same form gets the session only from the same browser and address', async () => {
  const own = { 'x-forwarded-for': '203.0.113.9', 'user-agent': 'Firefox' };
  const client = new Client();
  const open = async (url: string) => {
    let answer = await client.open(url, own);
    while (answer.location !== '') answer = await client.open(answer.location, own);
    return answer;
  };
  const post = (from: Client, form: ReturnType<typeof readForm>, given: object, headers: object) =>
    from.send(form.action, {
      method: 'POST',
      headers: {
        ...NAVIGATION,
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(form.action).origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      body: new URLSearchParams({ ...form.hidden, ...given }).toString(),
    });
  const first = readForm(await open(`${world.gateway.app('app')}/secret`));
  const moved = await post(client, first, { login: 'alice' }, own);
  const form = readForm(await open(moved.location));
  const jar = client.cookieHeader('auth.gw.test');
  const ticketsIn = (cookies: readonly string[]) =>
    cookies.filter((line) => /^doorward=[^;]/.test(line));

  const answered = await post(client, form, { password: PASSWORD }, own);
  expect(ticketsIn(answered.cookies)).toHaveLength(1);
  const replay = (headers: object) =>
    post(new Client(), form, { password: PASSWORD }, { cookie: jar, ...headers });
  const tries = {
    'the browser itself': own,
    'another address': { ...own, 'x-forwarded-for': '198.51.100.4' },
    'another browser': { ...own, 'user-agent': 'curl/8' },
    'the fields alone': { ...own, cookie: '' },
  };
  const got = await Promise.all(
    Object.entries(tries).map(async ([who, headers]) => [
      who,
      ticketsIn((await replay(headers)).cookies).length,
    ]),
  );
  expect(Object.fromEntries(got)).toEqual({
    'the browser itself': 1,
    'another address': 0,
    'another browser': 0,
    'the fields alone': 0,
  });
});
