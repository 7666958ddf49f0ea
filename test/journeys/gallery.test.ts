/**
 * The gallery of docs/flows.md, run unchanged: every entry on a real gateway, with users for whom
 * it behaves differently. An entry without a run fails.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ClientFrom } from '../support/client-from.ts';
import { type Entry, galleryEntries } from '../support/doc-gallery.ts';
import { answer, begin, fieldOf, type Given, type Talk } from '../support/flow-api.ts';
import { type Gateway, HASH, PASSWORD, startGateway, until } from '../support/gateway.ts';
import { type MailServer, startMailServer, textOf } from '../support/mail-server.ts';
import { phoneWith } from '../support/phone.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const OFFICE = '10.20.30.40';
const HOME = '203.0.113.9';
const entries = galleryEntries();
const FLOWS = join(import.meta.dirname, '../../flows');
const SHIPPED = Object.fromEntries(
  readdirSync(FLOWS).map((file) => [
    file.replace('.yaml', ''),
    readFileSync(join(FLOWS, file), 'utf8'),
  ]),
);

/** Sign-in entries are configured side by side under these names; the others keep theirs. */
const fileOf = (entry: Entry): string =>
  entry.name === 'login' ? entry.heading.toLowerCase().replaceAll(' ', '-') : entry.name;

/** ann is an administrator, bob is not, and each further user belongs to one entry. */
const PEOPLE = ['ann', 'bob', 'cem', 'dia', 'eli', 'fay', 'gus', 'hal', 'ida'];

let gateway: Gateway;
let app: WebApp;
let mail: MailServer;
let places = 0;

/** A user with a browser of their own, at a new address unless one is given. */
function visitor(ip = `198.51.100.${(places += 1)}`) {
  const client = new ClientFrom(ip);
  const visit = {
    client,
    open: (flow: string, query = {}) => begin(gateway.portal, client, flow, query),
    answer: (talk: Talk, given: Given) => answer(talk, given),
    /** Submits name and password of a flow. */
    async named(flow: string, login: string, query = {}): Promise<Talk> {
      const question = await visit.answer(await visit.open(flow, query), { login });
      return visit.answer(question, { password: PASSWORD });
    },
    /** Sets up an app; returns the phone that has it, and the outcome. */
    async setUpPhone(talk: Talk) {
      const phone = phoneWith(fieldOf(talk.reply, 'qr').secret);
      return { phone, talk: await answer(talk, { code: phone.code() }) };
    },
    isIn: async () => (await client.open(`${gateway.portal}/`)).status === 200,
  };
  return visit;
}

/** The question that is asked, or the outcome. */
function typeOf({ reply: { status, json } }: Talk): string {
  return (
    json.stage?.type ??
    json.challenge?.type ??
    (json.done === true ? 'done' : `${status} ${json.reason ?? ''}`)
  );
}

/** A user with an app, set up with the shipped flow while signed in. */
async function withPhone(name: string) {
  const visit = visitor(OFFICE);
  expect(typeOf(await visit.named('login', name))).toBe('done');
  return (await visit.setUpPhone(await visit.open('setup-totp'))).phone;
}

async function emailTo(name: string): Promise<string> {
  const found = () => mail.emails.find(({ to }) => to.includes(`${name}@example.test`));
  await until(() => found() !== undefined);
  const email = found();
  return email === undefined ? '' : textOf(email).replaceAll('\r', '');
}

/** Finds the number as the page's script does. */
function solved(task: Readonly<Record<string, string | number>>): string {
  const { algorithm, challenge, salt, signature, maxnumber } = task;
  for (let number = 0; number <= Number(maxnumber); number += 1) {
    const digest = createHash('sha256').update(`${salt}${number}`).digest('hex');
    if (digest === challenge) {
      return JSON.stringify({ algorithm, challenge, number, salt, signature });
    }
  }
  throw new Error('there is no such number');
}

const url = (name: string, path = '/'): string => `${gateway.app(name)}${path}`;

const RUNS: Readonly<Record<string, (flow: string) => Promise<void>>> = {
  async 'A second factor for one group'(flow) {
    const [ann, bob] = [visitor(), visitor()];
    const question = await ann.named(flow, 'ann');
    expect(typeOf(question)).toBe('totp_setup');
    const { phone, talk: codes } = await ann.setUpPhone(question);
    expect(typeOf(codes)).toBe('recovery_codes_setup');
    expect(typeOf(await ann.answer(codes, { kept: true }))).toBe('done');
    expect(typeOf(await bob.named(flow, 'bob'))).toBe('done');
    const later = visitor();
    const factor = await later.named(flow, 'ann');
    expect(typeOf(factor)).toBe('authenticator');
    expect(await later.isIn()).toBe(false);
    expect(typeOf(await later.answer(factor, { code: phone.code() }))).toBe('done');
    expect(await later.isIn()).toBe(true);
  },

  async 'A second factor outside the office'(flow) {
    const phone = await withPhone('cem');
    expect(typeOf(await visitor(OFFICE).named(flow, 'cem'))).toBe('done');
    const out = visitor(HOME);
    const factor = await out.named(flow, 'cem');
    expect(typeOf(factor)).toBe('authenticator');
    expect(typeOf(await out.answer(factor, { code: phone.code() }))).toBe('done');
    expect(typeOf(await visitor(OFFICE).named(flow, 'bob'))).toBe('done');
    const refused = visitor(HOME);
    expect((await refused.named(flow, 'bob')).reply.status).toBe(403);
    expect(await refused.isIn()).toBe(false);
  },

  async 'A second factor that everybody must have'(flow) {
    const dia = visitor();
    const { phone, talk } = await dia.setUpPhone(await dia.named(flow, 'dia'));
    expect(typeOf(await dia.answer(talk, { kept: true }))).toBe('done');
    const elsewhere = visitor();
    const factor = await elsewhere.named(flow, 'dia');
    expect(typeOf(factor)).toBe('authenticator');
    expect(typeOf(await elsewhere.answer(factor, { code: phone.code() }))).toBe('done');
    // The same browser has proved it this month.
    await elsewhere.answer(await elsewhere.open('logout'), {});
    expect(await elsewhere.isIn()).toBe(false);
    expect(typeOf(await elsewhere.named(flow, 'dia'))).toBe('done');
  },

  async 'A captcha after failures'(flow) {
    const eli = visitor();
    let talk = await eli.answer(await eli.open(flow), { login: 'eli' });
    for (let i = 0; i < 3; i += 1) {
      expect(typeOf(talk)).toBe('password');
      const again = await eli.answer(talk, { password: 'wrong' });
      expect(fieldOf(again.reply, 'login').value).toBe('eli');
      talk = await eli.answer(again, { login: 'eli' });
    }
    expect(typeOf(talk)).toBe('captcha');
    talk = await eli.answer(talk, { work: '{}' });
    expect(typeOf(talk)).toBe('captcha');
    talk = await eli.answer(talk, { work: solved(fieldOf(talk.reply, 'work').task) });
    expect(typeOf(talk)).toBe('password');
    expect(typeOf(await eli.answer(talk, { password: PASSWORD }))).toBe('done');
    // Another user elsewhere is not affected.
    expect(typeOf(await visitor().named(flow, 'bob'))).toBe('done');
  },

  async 'A magic link'(flow) {
    const [known, unknown] = [visitor(), visitor()];
    const question = await known.answer(await known.open(flow), { login: 'fay@example.test' });
    const other = await unknown.answer(await unknown.open(flow), { login: 'no@example.test' });
    expect([typeOf(question), typeOf(other)]).toEqual(['email_link', 'email_link']);
    const link = /^http:\S+$/m.exec(await emailTo('fay'))?.[0] ?? '';
    // A browser that did not request it gets no access.
    const stranger = visitor();
    const page = await stranger.client.open(link);
    if (page.body.includes('method="post"')) await stranger.client.submitAndFollow(page, {});
    expect(await stranger.isIn()).toBe(false);
    await known.client.submitAndFollow(await known.client.open(link), {});
    expect(await known.isIn()).toBe(true);
    expect(mail.emails.flatMap(({ to }) => to)).not.toContain('no@example.test');
  },

  async 'Passkeys alone'(flow) {
    const device = softwareAuthenticator({ origin: gateway.portal });
    const owner = visitor();
    expect(typeOf(await owner.named('login', 'gus'))).toBe('done');
    const making = await owner.open('setup-passkey');
    const made = device.create(fieldOf(making.reply, 'passkey').options);
    expect(typeOf(await owner.answer(making, { passkey: made, nickname: 'Key' }))).toBe('done');
    const later = visitor();
    const first = await later.open(flow);
    const passkey = device.get(fieldOf(first.reply, 'passkey').options);
    expect(typeOf(await later.answer(first, { passkey }))).toBe('done');
    expect(await later.isIn()).toBe(true);
    // A password gives no access, and the page does not reveal who has a passkey.
    for (const login of ['bob', 'nobody']) {
      const other = visitor();
      const question = await other.answer(await other.open(flow), { login });
      expect(typeOf(question)).toBe('authenticator');
      const wrong = await other.answer(question, { passkey: '{}' });
      expect([wrong.reply.status, await other.isIn()]).toEqual([401, false]);
    }
  },

  async 'Signing up by invitation'(flow) {
    const made = await gateway.run([
      'invitation',
      'create',
      '--flow',
      flow,
      '--email',
      'new@example.test',
    ]);
    const invitation = new URL(made.out.trim()).searchParams.get('invitation') ?? '';
    const words = {
      username: 'newcomer',
      name: 'New Comer',
      password: 'a password of mine',
      password_repeat: 'a password of mine',
    };
    const guest = visitor();
    const question = await guest.open(flow, { invitation });
    expect(typeOf(question)).toBe('prompt');
    const sent = await guest.answer(question, words);
    expect(typeOf(await visitor().open(flow))).toContain('403');
    const code = /\b\d{6}\b/.exec(await emailTo('new'))?.[0] ?? '';
    expect(typeOf(await guest.answer(sent, { code }))).toBe('done');
    await guest.client.open(url('plain'));
    expect(app.seen.at(-1)?.values('Remote-Groups')).toEqual(['members']);
    expect(app.seen.at(-1)?.values('Remote-Email')).toEqual(['new@example.test']);
    expect((await visitor().open(flow, { invitation })).reply.status).toBe(403);
  },

  async 'Terms of use'(flow) {
    const hal = visitor();
    await hal.named('login', 'hal');
    const sent = await hal.client.open(url('forum', '/thread?id=7'));
    expect(new URL(sent.location).pathname).toBe(`/flow/${flow}`);
    const form = await hal.client.follow(sent.location);
    const unticked = await hal.client.submitAndFollow(form, {});
    expect(unticked.url).toContain(`/flow/${flow}`);
    const back = await hal.client.submitAndFollow(unticked, { agreed: 'on', version: '1999' });
    expect(back).toMatchObject({ status: 200, url: url('forum', '/thread?id=7') });
    // Once is enough, on every device.
    const elsewhere = visitor();
    await elsewhere.named('login', 'hal');
    expect((await elsewhere.client.open(url('forum'))).status).toBe(200);
    const bob = visitor();
    await bob.named('login', 'bob');
    expect((await bob.client.open(url('forum'))).status).toBe(302);
    expect((await bob.client.open(url('plain'))).status).toBe(200);
  },

  async 'One more step for one app'(flow) {
    const ida = visitor();
    await ida.named('login', 'ida');
    expect((await ida.client.open(url('plain'))).status).toBe(200);
    const sent = await ida.client.open(url('safe', '/deep?x=1'));
    expect(new URL(sent.location).pathname).toBe(`/flow/${flow}`);
    const rd = new URL(sent.location).searchParams.get('rd') ?? '';
    const { talk } = await ida.setUpPhone(await ida.open(flow, { rd }));
    expect(talk.reply.json).toMatchObject({ done: true, location: url('safe', '/deep?x=1') });
    expect((await ida.client.open(url('safe', '/deep?x=1'))).status).toBe(200);
  },

  async 'Remember me'(flow) {
    for (const [decision, lasts] of [
      ['yes', /Max-Age=2592000/i],
      ['no', /^(?!.*Max-Age)/i],
    ] as const) {
      const bob = visitor();
      const question = await bob.client.signIn(`${gateway.portal}/flow/${flow}`, 'bob', PASSWORD);
      expect(question.body).toContain('Stay signed in on this device?');
      expect(await bob.isIn()).toBe(false);
      const done = await bob.client.submit(question, { remember: decision });
      expect(done.cookies.find((line) => line.startsWith('doorward='))).toMatch(lasts);
      expect(await bob.isIn()).toBe(true);
      await bob.answer(await bob.open('logout'), {});
      const again = await bob.client.open(`${gateway.portal}/flow/${flow}`);
      expect(again.body).toMatch(/name="login"[^>]*value="bob"/);
    }
  },
};

/** The routes of the entries before the test's app, and one that requires only a session. */
function routes(port: number) {
  const upstream = `http://127.0.0.1:${port}`;
  const shown = entries.flatMap(({ fragment }) =>
    fragment === null ? [] : (parse(fragment) as { routes: readonly { id: string }[] }).routes,
  );
  return [{ id: 'plain' }, ...shown].map((route) => ({
    ...route,
    host: `${route.id}.gw.test`,
    upstream,
  }));
}

/** All with the same password, and an address at example.test. */
async function addPeople(): Promise<void> {
  const file = join(gateway.dir, 'people.yaml');
  const users = PEOPLE.map((name) => [
    name,
    {
      displayname: name,
      email: `${name}@example.test`,
      password: HASH,
      groups: name === 'ann' ? ['admins'] : [],
    },
  ]);
  writeFileSync(file, stringify({ users: Object.fromEntries(users) }));
  const { code, err } = await gateway.run(['user', 'import', file]);
  if (code !== 0) throw new Error(err);
}

describe('the gallery of flows', () => {
  beforeAll(async () => {
    [app, mail] = await Promise.all([startWebApp('app'), startMailServer()]);
    const shown = Object.fromEntries(entries.map((entry) => [fileOf(entry), entry.flow]));
    gateway = await startGateway({
      directories: '[{ type: embedded }]',
      flows: { ...SHIPPED, ...shown },
      config: () =>
        stringify({
          trusted_proxies: ['127.0.0.1'],
          session: { cookie_domains: ['gw.test'] },
          mail: { type: 'smtp', host: '127.0.0.1', port: mail.port, from: 'door@gw.test' },
          routes: routes(app.port),
        }),
    });
    await addPeople();
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([app?.close(), mail?.close()]);
  });

  it('has a run for each of its entries, and an entry for each run', () => {
    expect(entries.map(({ heading }) => heading)).toEqual(Object.keys(RUNS));
  });

  it.each(entries)('$heading', async (entry) => {
    const run = RUNS[entry.heading];
    expect(run).toBeTypeOf('function');
    await run?.(fileOf(entry));
  });
});
