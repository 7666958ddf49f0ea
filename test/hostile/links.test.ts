/**
 * Mailed links and codes do nothing when opened, work once, for one run in one browser, and not
 * after the account was closed. The state of one stage is no submission to another.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, NAVIGATION } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { codeOf, type FlowWorld, linkOf, startFlowWorld } from './flow-world.ts';

const PEOPLE = ['ann', 'ben', 'cem', 'dia', 'eli', 'fay', 'gus', 'hal', 'ida', 'jan', 'kim'];

let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(PEOPLE);
});
afterAll(() => world?.close());

const hasTicket = ({ cookies }: Answer): boolean => cookies.some((c) => /^doorward=[^;]/.test(c));
const isIn = async (client: Client): Promise<boolean> =>
  (await client.open(`${world.portal}/`)).status === 200;

/** An email on its way, with the browser that requested it. */
async function requestEmail(flow: string, name: string) {
  const client = new Client();
  const first = await client.open(`${world.portal}/flow/${flow}`);
  const page = await client.submitAndFollow(first, { login: name });
  const email = await world.emailTo(name);
  return { client, page, link: linkOf(email), code: codeOf(email) };
}

/** How machines open links before users do. */
const SCANNERS: readonly (readonly [string, Record<string, string>])[] = [
  ['GET', {}],
  ['HEAD', {}],
  ['GET', { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch', 'x-moz': 'prefetch' }],
  ['GET', { ...NAVIGATION, 'sec-fetch-site': 'cross-site', 'user-agent': 'Mozilla/5.0 SafeLinks' }],
  ['HEAD', { 'user-agent': 'Barracuda' }],
  ['OPTIONS', {}],
  ['POST', { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' }],
];

describe('a link', () => {
  it('MFA-magic-once: is not used up by a scanner, works once, and in no other browser', async () => {
    const { client, link } = await requestEmail('link', 'ann');
    for (const [method, headers] of SCANNERS) {
      const scanner = new Client();
      const seen = await scanner.send(link, { method, headers });
      expect(hasTicket(seen), method).toBe(false);
      // Also a scanner that runs in the same browser, as a preview does.
      const preview = await client.send(link, { method, headers });
      expect(hasTicket(preview), method).toBe(false);
    }
    expect(await world.sessionsOf('ann')).toBe(0);

    const thief = new Client();
    const refused = await thief.open(link);
    expect([refused.status, refused.body.includes('link/other-browser')]).toEqual([403, true]);
    const own = await client.open(link);
    // The page of the right browser, sent by another one.
    expect(hasTicket(await thief.submit(own, {}))).toBe(false);
    expect(await isIn(thief)).toBe(false);

    const ends = await Promise.all(Array.from({ length: 20 }, () => client.submit(own, {})));
    const brought = ends.flatMap(({ cookies }) => cookies.filter((c) => c.startsWith('doorward=')));
    expect(new Set(brought).size).toBe(1);
    expect([await isIn(client), await world.sessionsOf('ann')]).toEqual([true, 1]);
    const late = await new Client().open(link);
    expect([late.status, late.body.includes('link/gone')]).toEqual([410, true]);
    expect(hasTicket(await client.submitAndFollow(own, {}))).toBe(false);
    expect(await world.sessionsOf('ann')).toBe(1);
  });

  it('opens its own run and flow, and no other', async () => {
    const [one, other] = [await requestEmail('link', 'ben'), await requestEmail('link', 'ben')];
    const token = new URL(one.link).searchParams.get('link') ?? '';
    const crossed = [
      one.link.replace('/flow/link', '/flow/shared'),
      one.link.replace('/flow/link', '/flow/recovery'),
      one.link.replace('/flow/link', '/flow/login'),
      other.link.replace(/link=[^&]+/, `link=${token}`),
      `${one.link}&link=${token}`,
      one.link.replace(/plan=[^&]+/, 'plan=__proto__'),
      one.link.replace(/link=[^&]+/, `link=${token}%00`),
      one.link.replace(/link=[^&]+/, `link=${token.toUpperCase()}`),
    ];
    for (const url of crossed) {
      for (const client of [one.client, other.client, new Client()]) {
        const page = await client.follow(url);
        if (page.body.includes('method="post"')) {
          expect(hasTicket(await client.submit(page, {})), url).toBe(false);
        }
        expect(await isIn(client), url).toBe(false);
      }
    }
    expect(await world.sessionsOf('ben')).toBe(0);
    await one.client.submit(await one.client.open(one.link), {});
    expect(await isIn(one.client)).toBe(true);
  });

  it.each([
    ['disabled', 'cem', ['user', 'disable', 'cem']],
    ['deleted', 'dia', ['user', 'delete', 'dia']],
  ])('has no effect once the account is %s', async (_, name, command) => {
    const emails = [await requestEmail('link', name), await requestEmail('shared', name)];
    await world.run(...command);
    for (const { client, link, code, page } of emails) {
      const byLink = await client.submitAndFollow(await client.open(link), {});
      const byCode = await client.submitAndFollow(page, { code });
      for (const end of [byLink, byCode]) expect(hasTicket(end)).toBe(false);
      expect(await isIn(client)).toBe(false);
    }
  });

  it('has no effect while its account is locked', async () => {
    const { client, link, code, page } = await requestEmail('link', 'eli');
    let thief = await world.reply(await world.begin('link'), { login: 'eli' });
    for (let tries = 0; tries < 5; tries += 1) {
      thief = await world.reply(thief, { code: '000000' });
    }
    expect(thief.status).toBe(401);
    for (const end of [
      await client.submitAndFollow(await client.open(link), {}),
      await client.submitAndFollow(page, { code }),
    ]) {
      expect(end.status).toBe(429);
    }
    expect(await isIn(client)).toBe(false);
  });

  it('is never logged, and neither is the code beside it', async () => {
    const { client, link, code } = await requestEmail('shared', 'fay');
    await client.open(link);
    const other = new Client();
    await other.submit(await other.open(link), {});
    expect(await isIn(other)).toBe(true);
    const token = new URL(link).searchParams.get('link') ?? 'none';
    const told = world.gateway.output();
    expect(told).toContain('email_link');
    expect([told.includes(token), told.includes(code)]).toEqual([false, false]);
  });
});

describe('recovery', () => {
  it('FLOW-note-scope: accepts no other stage’s state, submission or email in place of the link', async () => {
    const { client, page } = await requestEmail('recovery', 'gus');
    const other = await requestEmail('link', 'gus');
    const { json } = { json: Object.fromEntries(hiddenOf(page)) };
    const attempts: Record<string, string>[] = [
      { instead: 'again' },
      { instead: 'other' },
      { way: 'email_code' },
      { code: other.code },
      { link: new URL(other.link).searchParams.get('link') ?? '' },
      { stage: 'prompt', password: 'thief thief thief' },
      { stage: 'user_write', password: 'thief thief thief' },
      { stage: 'user_login' },
      { password: 'thief thief thief' },
      { 'link:email_link': 'x', 'prompt.password': 'x' },
      { code: '', password: 'thief thief thief' },
      { plan: new URL(other.link).searchParams.get('plan') ?? '', csrf: json['csrf'] ?? '' },
    ];
    let at = page;
    for (const fields of attempts) {
      const end = await client.submitAndFollow(at, fields);
      expect(end.body, JSON.stringify(fields)).not.toContain('new-password');
      expect(hasTicket(end), JSON.stringify(fields)).toBe(false);
      at = await client.open(page.url);
    }
    expect(await isIn(client)).toBe(false);
    expect((await world.named('gus')).json.done).toBe(true);
    expect((await world.named('gus', 'thief thief thief')).json.done ?? false).toBe(false);
  });

  it('ends all existing sessions, and the old password', async () => {
    const before = (await world.named('hal')).client;
    const { client, link } = await requestEmail('recovery', 'hal');
    const form = await client.submitAndFollow(await client.open(link), {});
    await client.submitAndFollow(form, { password: 'a new long password' });
    expect([await isIn(before), await isIn(client)]).toEqual([false, true]);
    expect((await world.named('hal')).json.done ?? false).toBe(false);
    expect((await world.named('hal', 'a new long password')).json.done).toBe(true);
  });

  it('cannot be obtained by entering another user’s address in one’s own account', async () => {
    const { client } = await world.named('ida');
    for (const email of [
      'jan@example.test',
      'JAN@Example.Test',
      'ｊａｎ@example.test',
      ' jan@example.test ',
    ]) {
      const asks = await world.reply(await world.begin('profile', client), { password: PASSWORD });
      const end = await world.reply(asks, { email });
      expect([end.status, end.json.error], email).toEqual([409, 'user/exists']);
    }
    const shown = await world.run('user', 'show', 'ida');
    expect(shown).toContain('ida@example.test');
  });

  it('has no effect and sends nothing for an unknown name', async () => {
    const before = world.mail.emails.length;
    const client = new Client();
    const first = await client.open(`${world.portal}/flow/recovery`);
    const page = await client.submitAndFollow(first, { login: 'unknown' });
    const known = await requestEmail('recovery', 'kim');
    const shape = (answer: Answer): string =>
      answer.body.replaceAll(/unknown|kim/g, 'NAME').replaceAll(/[A-Za-z0-9_-]{16,}/g, 'RANDOM');
    expect(shape(page)).toBe(shape(known.page));
    expect(world.mail.emails.slice(before).map(({ to }) => to)).toEqual([['kim@example.test']]);
  });
});

function hiddenOf(page: Answer): readonly (readonly [string, string])[] {
  return [...page.body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
}
