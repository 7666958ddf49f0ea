/**
 * Submissions that policies evaluate, as pages and as JSON: passwords that are weak, breached or
 * used before, addresses of another domain. What was typed appears in no page, no log and no
 * outgoing request.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH, unescapeHtml } from '../support/client.ts';
import { answer, begin, fieldOf, type Given, type Talk } from '../support/flow-api.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';

const LOGIN = `title: Sign in
designation: authentication
stages: [{ type: identification, with_password: true }, { type: user_login }]
`;
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
const CHANGE = `title: A new password
designation: configuration
requires: session
stages:
  - type: prompt
    fields:
      - { type: email, name: email }
      - { type: password, name: password }
      - { type: password, name: password_repeat }
    validation:
      - { type: expression, when: "prompt.email.endsWith('@example.test')", field: email }
      - { type: password_strength, min: 12, score: 3, breached: true, words: [acme] }
      - { type: password_reuse, last: 2 }
  - { type: user_write, fields: { password: password } }
`;

const STOLEN = 'tractor sheds in june';
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();

let service: Server;
let requests: string[];
let isBroken = false;
let gateway: Gateway;

beforeAll(async () => {
  service = createServer((req, res) => {
    requests.push(req.url ?? '');
    if (isBroken) res.writeHead(503).end();
    else res.end(`${sha1('padding').slice(5)}:0\r\n${sha1(STOLEN).slice(5)}:42`);
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const people = ['ann', 'bea', 'cleo', 'dora', 'ella', 'fern', 'gail'];
  gateway = await startGateway({
    directories: '[{ type: embedded }]',
    flows: { login: LOGIN, logout: LOGOUT, change: CHANGE },
    config: () => `signals: { breached: { range: "http://127.0.0.1:${port}/range/" } }\n`,
  });
  for (const name of people) {
    const added = ['user', 'add', name, '--email', `${name}@example.test`];
    const ran = await gateway.run(added, `${PASSWORD}\n`);
    if (ran.code !== 0) throw new Error(ran.err);
  }
});
afterAll(async () => {
  await gateway?.remove();
  service?.close();
});
beforeEach(() => {
  requests = [];
  isBroken = false;
});

async function signedIn(name: string, password = PASSWORD): Promise<Client> {
  const client = new Client();
  const page = await client.follow(`${gateway.portal}/flow/login`);
  const end = await client.submitAndFollow(page, { login: name, password });
  expect(end.url).toBe(`${gateway.portal}/`);
  return client;
}

const typed = (password: string, email = 'a@example.test') => ({
  email,
  password,
  password_repeat: password,
});

/** The messages beside a field. */
function errorOf(page: Answer, name: string): string {
  const input = [...page.body.matchAll(/<input [^>]*>/g)].find(([tag]) =>
    tag.includes(` name="${name}"`),
  );
  const id = / id="([^"]*)"/.exec(input?.[0] ?? '')?.[1] ?? 'none';
  const [, text = ''] = new RegExp(`id="${id}-error">.*?</span>([^<]*)</p>`).exec(page.body) ?? [];
  return unescapeHtml(text);
}

describe('a new password, as a page', () => {
  it('shows beside each field what is wrong, in the user’s language', async () => {
    const client = await signedIn('ann');
    let page = await client.follow(`${gateway.portal}/flow/change`);
    page = await client.submitAndFollow(page, typed('short-1234', 'a@elsewhere.test'));
    expect(page.status).toBe(200);
    expect(errorOf(page, 'password')).toBe('Use at least 12 characters.');
    expect(errorOf(page, 'email')).toBe('A custom rule denied access.');
    expect(page.body).not.toContain('short-1234');
    const german = await client.open(page.url, { 'accept-language': 'de' });
    expect(errorOf(german, 'password')).toBe('Verwenden Sie mindestens 12 Zeichen.');
  });

  it.each([
    [
      'acme-ann-2026',
      /^Your name, your email address, and the other details you entered do not count/,
    ],
    ['qwertyuiop1234', /^This password is too easy to guess/],
    [STOLEN, /^This password has appeared in a data breach/],
    [PASSWORD, /^You have used this password here before/],
  ])('%s is rejected with its message', async (password, words) => {
    const client = await signedIn('ann');
    const page = await client.follow(`${gateway.portal}/flow/change`);
    const again = await client.submitAndFollow(page, typed(password));
    expect(errorOf(again, 'password')).toMatch(words);
    expect(again.body).not.toContain(password);
  });

  it('that is good takes effect, and cannot be reused soon', async () => {
    const words = ['a staple of new horses', 'seven kettles whistle', 'mauve umbrella parade'];
    let current = PASSWORD;
    for (const next of words) {
      const client = await signedIn('bea', current);
      const page = await client.follow(`${gateway.portal}/flow/change`);
      const used = await client.submitAndFollow(page, typed(current));
      expect(errorOf(used, 'password')).toMatch(/^You have used this password/);
      const done = await client.submitAndFollow(used, typed(next));
      expect(done.url).toBe(`${gateway.portal}/`);
      current = next;
    }
    const client = await signedIn('bea', current);
    let page = await client.follow(`${gateway.portal}/flow/change`);
    page = await client.submitAndFollow(page, typed(words[1] as string));
    expect(errorOf(page, 'password')).toMatch(/^You have used this password/);
    // Two past passwords are kept and cannot be chosen; this one was before them.
    page = await client.submitAndFollow(page, typed(words[0] as string));
    expect(page.url).toBe(`${gateway.portal}/`);
  });
});

describe('a new password, as JSON', () => {
  const talk = async (name: string): Promise<Talk> =>
    begin(gateway.portal, await signedIn(name), 'change');
  const codes = ({ reply }: Talk): readonly string[] =>
    reply.json.refusal.reasons.map(
      (one: { field: string; code: string }) => `${one.field} ${one.code}`,
    );

  it('is rejected with stable codes beside the messages', async () => {
    const refused = await answer(await talk('cleo'), typed('short-1234', 'a@elsewhere.test'));
    expect(refused.reply.status).toBe(422);
    expect(refused.reply.json.refusal.code).toBe('answer/invalid');
    expect(codes(refused)).toEqual([
      'email expression/false',
      'password password_strength/too-short',
    ]);
    expect(fieldOf(refused.reply, 'password').error).toBe('Use at least 12 characters.');
    expect(fieldOf(refused.reply, 'email').value).toBe('a@elsewhere.test');
    expect(JSON.stringify(refused.reply.json)).not.toContain('short-1234');
  });

  it('is looked up by five digits of its hash alone', async () => {
    const refused = await answer(await talk('cleo'), typed(STOLEN));
    expect(codes(refused)).toEqual(['password password_strength/breached']);
    expect(requests).toEqual([`/range/${sha1(STOLEN).slice(0, 5)}`]);
  });

  it('is rejected while the lookup is unavailable, and accepted when it is back', async () => {
    isBroken = true;
    const begun = await talk('dora');
    const refused = await answer(begun, typed('a staple of new horses'));
    expect(codes(refused)).toEqual(['password signal/missing']);
    expect(fieldOf(refused.reply, 'password').error).toBe(
      'We could not check your entry. Please try again in a moment.',
    );
    isBroken = false;
    const done = await answer(refused, typed('a staple of new horses'));
    expect(done.reply.json.done).toBe(true);
    await signedIn('dora', 'a staple of new horses');
  });

  it.each<[string, Given, number]>([
    ['a megabyte', typed('x'.repeat(1_000_000)), 413],
    ['ten thousand characters', typed('ab'.repeat(5_000)), 422],
    ['a thousand of the same', typed('a'.repeat(1_024)), 422],
    ['letters of many spellings', typed('4@8({[<3691!|1075$5+7%2'.repeat(44)), 422],
    ['emoji', typed('\u{1F608}'.repeat(200)), 422],
    ['half an emoji', typed('\ud83d'.repeat(40)), 422],
    ['a NUL in the middle', typed(`${'x'.repeat(20)}\0${'y'.repeat(20)}`), 422],
  ])('that is hostile is checked and does no harm: %s', async (_, given, status) => {
    const begun = await talk('ella');
    const answered = await answer(begun, { ...given, email: 'a@elsewhere.test' }).catch(() => null);
    // If it is too large, its connection may be closed.
    expect(answered?.reply.status ?? 413).toBe(status);
    expect((await new Client().open(`${gateway.portal}/flow/login`)).status).toBe(200);
  });

  it.each(['__proto__', 'constructor', 'toString', 'password.x', ''])(
    'accepts no undeclared field %j',
    async (name) => {
      const begun = await talk('fern');
      const { flow, seed, plan, csrf } = begun.reply.json;
      const extra = `${JSON.stringify(name)}:"x"`;
      const good = JSON.stringify(typed('a staple of new horses')).slice(1);
      const body = `{"seed":${JSON.stringify(seed)},"plan":${JSON.stringify(plan ?? null)},"csrf":${JSON.stringify(csrf)},"answer":{${extra},${good}}`;
      const reply = await begun.client.send(`${gateway.portal}/api/flow/${flow.name}`, {
        method: 'POST',
        headers: { ...FETCH, 'content-type': 'application/json', origin: gateway.portal },
        body: body.replace('"plan":null,', ''),
      });
      // Names with a meaning in JavaScript are refused when they are parsed.
      expect([400, 422]).toContain(reply.status);
      expect(requests).toEqual([]);
    },
  );
});

describe('what was typed', () => {
  it('is in no log, and in no stored data', async () => {
    const secret = 'zebra-crossing-quartz';
    const client = await signedIn('gail');
    const page = await client.follow(`${gateway.portal}/flow/change`);
    const again = await client.submitAndFollow(page, typed(secret, 'a@elsewhere.test'));
    expect(errorOf(again, 'email')).not.toBe('');
    const data = join(gateway.dir, 'data');
    const kept = readdirSync(data).map((name) => readFileSync(join(data, name), 'latin1'));
    for (const text of [gateway.output(), ...kept]) {
      for (const form of [secret, sha1(secret), sha1(secret).toLowerCase(), sha1(STOLEN)]) {
        expect(text.includes(form)).toBe(false);
      }
    }
  });
});
