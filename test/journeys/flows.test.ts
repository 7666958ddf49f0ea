/** The shipped flows as people go through them: a real gateway, real codes, and twenty at once where one must win. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import {
  bringsTicket,
  type FlowSite,
  headingOf,
  PASSWORD,
  shownCodes,
  shownSecret,
  startFlowSite,
} from '../support/flow-site.ts';
import { type Phone, phoneWith } from '../support/phone.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const TWENTY = Array.from({ length: 20 }, (_, index) => index);
const SECRET = randomBytes(48).toString('base64');

let site: FlowSite;
const at = (flow: string): string => `${site.gateway.portal}/flow/${flow}`;
const wiki = (): string => `${site.gateway.app('wiki')}/`;
const deep = (): string => `${site.gateway.app('safe')}/deep/er?x=1&y=%20z`;

/** Signed in by name and password. */
async function signedIn(name: string, password = PASSWORD): Promise<Client> {
  const client = new Client();
  expect(await client.signIn(wiki(), name, password)).toMatchObject({ status: 200, url: wiki() });
  return client;
}

/** Sets up an app; the phone that has it. */
async function setUpPhone(client: Client): Promise<Phone> {
  const page = await client.follow(at('setup-totp'));
  const shown = await withSecret(client, page);
  const phone = phoneWith(shownSecret(shown));
  const done = await client.submitAndFollow(shown, { code: phone.code() });
  expect(done).toMatchObject({ status: 200, url: `${site.gateway.portal}/` });
  return phone;
}

/** The page with the secret, which may come after a click. */
async function withSecret(client: Client, page: Answer): Promise<Answer> {
  const shown = shownSecret(page) === '' ? await client.submitAndFollow(page, {}) : page;
  expect(shownSecret(shown)).not.toBe('');
  return shown;
}

/** As far as the question for a second factor. */
async function atSecondFactor(name: string): Promise<{ client: Client; page: Answer }> {
  const client = new Client();
  const page = await client.signIn(wiki(), name, PASSWORD);
  expect(headingOf(page)).toBe('Enter the code from your app');
  return { client, page };
}

/** One after another: tries of one account at once would have to wait. */
async function twentyAtSecondFactor(
  name: string,
): Promise<Awaited<ReturnType<typeof atSecondFactor>>[]> {
  const people = [];
  for (const _ of TWENTY) people.push(await atSecondFactor(name));
  return people;
}

const PEOPLE = ['ana', 'ben', 'cem', 'dia', 'eli', 'fay', 'gus', 'hal'];

describe('the shipped flows', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    site = await startFlowSite(PEOPLE);
  });
  afterAll(() => site?.close());

  it('a route that asks for more steps up, and comes back to the very address', async () => {
    const client = await signedIn('ana');
    const phone = await setUpPhone(client);
    const asked = await client.follow(deep());
    expect(headingOf(asked)).toBe('Enter the code from your app');
    const wrong = await client.submitAndFollow(asked, { code: 'ABCDEF' });
    expect(wrong.body).toContain('not right');
    const done = await client.submitAndFollow(wrong, { code: phone.code() });
    expect(done).toMatchObject({ status: 200, url: deep() });
    expect(JSON.parse(done.body).url).toBe('/deep/er?x=1&y=%20z');
    expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['ana']);
    expect(await site.sessionsOf('ana')).toBe(1);
  });

  it('whoever has no second factor sets one up on the way, codes too', async () => {
    const client = await signedIn('ben');
    const first = await client.follow(deep());
    const shown = await withSecret(client, first);
    const codes = await client.submitAndFollow(shown, {
      code: phoneWith(shownSecret(shown)).code(),
    });
    expect(shownCodes(codes)).toHaveLength(10);
    const done = await client.submitAndFollow(codes, { kept: 'on' });
    expect(done).toMatchObject({ status: 200, url: deep() });
  });

  it('a code that was used opens nothing for anybody else, and twenty at once get one session', async () => {
    const phone = await setUpPhone(await signedIn('cem'));
    const people = await twentyAtSecondFactor('cem');
    const before = await site.sessionsOf('cem');
    const code = phone.code();
    const answers = await Promise.all(
      people.map(({ client, page }) => client.submit(page, { code })),
    );
    expect(answers.filter(bringsTicket)).toHaveLength(1);
    expect((await site.sessionsOf('cem')) - before).toBe(1);
    const inside = await Promise.all(people.map(({ client }) => client.open(wiki())));
    expect(inside.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('recovery codes open once each, and new ones end the old', async () => {
    const client = await signedIn('dia');
    await setUpPhone(client);
    const old = await getCodes(client);
    const codes = await getCodes(client);
    expect(new Set([...old, ...codes]).size).toBe(20);
    const { client: other, page } = await atSecondFactor('dia');
    const asked = await other.submitAndFollow(page, { way: 'recovery_code' });
    expect(headingOf(asked)).toBe('Enter a recovery code');
    const refused = await other.submitAndFollow(asked, { code: old[0] ?? '' });
    expect(refused.body).toContain('That code is not right, or was used already.');
    const typed = (codes[0] ?? '').toLowerCase().replaceAll('-', ' ');
    const done = await other.submitAndFollow(refused, { code: typed });
    expect(done).toMatchObject({ status: 200, url: wiki() });
  });

  it('a recovery code does not do where the route wants an app or a passkey', async () => {
    const client = await signedIn('eli');
    await setUpPhone(client);
    const [code = ''] = await getCodes(client);
    const asked = await client.follow(deep());
    const other = await client.submitAndFollow(asked, { way: 'recovery_code' });
    await client.submit(other, { code });
    expect((await client.open(deep())).location).toContain('/flow/step-up');
  });

  it('a new password takes the old one, and ends the sessions elsewhere', async () => {
    const client = await signedIn('fay');
    const elsewhere = await signedIn('fay');
    const link = await client.open(`${site.gateway.portal}/.well-known/change-password`);
    expect(link.location).toBe(at('password-change'));
    const asked = await client.follow(link.location);
    const wrong = await client.submitAndFollow(asked, { password: 'not this one' });
    expect(wrong.body).toContain('do not go together');
    const form = await client.submitAndFollow(wrong, { password: PASSWORD });
    const differs = await client.submitAndFollow(form, {
      password: 'a new long password',
      password_repeat: 'another long password',
    });
    expect(differs.body).toContain('The two passwords are not the same.');
    const chosen = { password: 'a new long password', password_repeat: 'a new long password' };
    expect((await client.submitAndFollow(differs, chosen)).status).toBe(200);
    expect((await client.open(wiki())).status).toBe(200);
    expect((await elsewhere.open(wiki())).status).toBe(302);
    const late = await new Client().signIn(wiki(), 'fay', PASSWORD);
    expect(late.body).toContain('do not go together');
    await signedIn('fay', 'a new long password');
  });

  it('leaving takes password and name, and leaves nothing behind', async () => {
    const client = await signedIn('gus');
    const elsewhere = await signedIn('gus');
    await setUpPhone(client);
    const asked = await client.follow(at('unenrollment'));
    const sure = await client.submitAndFollow(asked, { password: PASSWORD });
    const unsure = await client.submitAndFollow(sure, { name: 'somebody' });
    expect(headingOf(unsure)).toBe('Delete your account');
    await client.submit(unsure, { name: 'GUS' });
    expect((await elsewhere.open(wiki())).status).toBe(302);
    const late = await new Client().signIn(wiki(), 'gus', PASSWORD);
    expect(late.body).toContain('do not go together');
    expect((await site.gateway.run(['user', 'show', 'gus'])).code).toBe(1);
  });

  it('whoever an app sends is asked for permission once; a no is not remembered', async () => {
    const visitor = await signedIn('hal');
    const url = `${at('consent')}?rd=${encodeURIComponent(wiki())}`;
    const refused = await visitor.submit(await visitor.follow(url), { decision: 'deny' });
    expect(refused.status).toBe(403);
    const asked = await visitor.follow(`${url}&again=1`);
    expect(asked.body).toContain('Your user name, e-mail address and groups');
    expect(await visitor.submitAndFollow(asked, {})).toMatchObject({ status: 200, url: wiki() });
    const later = await visitor.open(`${url}&again=1`);
    expect(later.body).not.toContain('Your user name, e-mail address and groups');
  });

  it('without an invitation, or with a wrong one, nobody enrols', async () => {
    expect(await enrolledBy(at('enrollment'))).toBe(REFUSED);
    expect(await enrolledBy(`${at('enrollment')}?invitation=${'A'.repeat(32)}`)).toBe(REFUSED);
  });

  it('whoever is invited chooses a name and a password, and signs in with them', async () => {
    const link = await site.invite('--email', 'ida@example.test', '--group', 'staff');
    const client = new Client();
    const form = await enrolForm(client, link);
    expect(form.body).toContain('ida@example.test');
    const taken = await client.submitAndFollow(form, newUser('ANA'));
    expect(taken.body).toContain('This name is taken.');
    const login = await client.submitAndFollow(taken, newUser('ida'));
    expect(new URL(login.url).pathname).toBe('/flow/login');
    await signedIn('ida', 'a password of mine');
    expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['ida@example.test']);
    expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
    expect(await enrolledBy(link)).toBe(REFUSED);
  });

  it('an invitation for one makes one account, however many use it at once', async () => {
    const link = await site.invite();
    const people = await Promise.all(
      TWENTY.map(async (index) => {
        const client = new Client();
        return { client, index, form: await enrolForm(client, link) };
      }),
    );
    const answers = await Promise.all(
      people.map(({ client, index, form }) =>
        client.submit(form, { ...newUser(`guest${index}`), email: `guest${index}@example.test` }),
      ),
    );
    const isOn = ({ location }: Answer): boolean => location.includes('/flow/login');
    expect(answers.filter(isOn)).toHaveLength(1);
    const listed = await site.gateway.run(['user', 'list', '--json']);
    const names = (JSON.parse(listed.out) as { name: string }[]).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('guest'))).toHaveLength(1);
  });
});

async function getCodes(client: Client): Promise<readonly string[]> {
  const first = await client.follow(at('setup-recovery-codes'));
  const page = shownCodes(first).length === 0 ? await client.submitAndFollow(first, {}) : first;
  const codes = shownCodes(page);
  expect(codes).toHaveLength(10);
  await client.submitAndFollow(page, { kept: 'on' });
  return codes;
}

/** The form of an invitation. */
async function enrolForm(client: Client, link: string): Promise<Answer> {
  const page = await client.follow(link);
  const form = page.body.includes('name="username"')
    ? page
    : await client.submitAndFollow(page, {});
  expect(form.body).toContain('name="username"');
  return form;
}

const REFUSED = '403 without a form';

/** What somebody finds behind a link who clicks on. */
async function enrolledBy(link: string): Promise<string> {
  const stranger = new Client();
  const page = await stranger.follow(link);
  const end = page.status === 403 ? page : await stranger.submitAndFollow(page, {});
  const isForm = end.body.includes('type="password"');
  return `${end.status} ${isForm ? 'with' : 'without'} a form`;
}

function newUser(username: string): Record<string, string> {
  return { username, password: 'a password of mine', password_repeat: 'a password of mine' };
}

describe('with the state in Redis', { timeout: 60_000 }, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
    site = await startFlowSite(['ana'], redis.url, { DOORWARD_SESSION__SECRETS: SECRET });
  });
  afterAll(async () => {
    await site?.close();
    await redis?.stop();
  });

  it('twenty with the same code at once get one session', async () => {
    const client = await signedIn('ana');
    const phone = await setUpPhone(client);
    const asked = await client.follow(deep());
    const done = await client.submitAndFollow(asked, { code: phone.code() });
    expect(done).toMatchObject({ status: 200, url: deep() });
    const people = await twentyAtSecondFactor('ana');
    const code = phone.code();
    const answers = await Promise.all(people.map((one) => one.client.submit(one.page, { code })));
    expect(answers.filter(bringsTicket)).toHaveLength(1);
    expect(await site.sessionsOf('ana')).toBe(2);
  });
});
