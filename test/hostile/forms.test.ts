/**
 * Submissions to flows have one shape, a limited size and a known sender, or are refused without an
 * effect.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';
import { type FlowWorld, type Reply, startFlowWorld } from './flow-world.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(['ann'], { throttle: '{ free: 1000 }' });
});
afterAll(() => world?.close());

/** Opens the page that asks for ann's password; returns what its form needs. */
async function atPassword() {
  const reply = await world.reply(await world.begin('login'), { login: 'ann' });
  const { plan, csrf, revision, stage } = reply.json;
  return { reply, back: { plan, csrf, revision, stage: stage.id } };
}

interface Sent {
  readonly status: number;
  readonly hasTicket: boolean;
  readonly body: string;
}

/** Posts bytes as they are. */
async function post(
  { client }: Pick<Reply, 'client'>,
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<Sent> {
  const answer = await client.send(`${world.portal}${path}`, {
    method: 'POST',
    headers: { origin: world.portal, ...headers },
    body,
  });
  const hasTicket = answer.cookies.some((line) => /^doorward=[^;]/.test(line));
  return { status: answer.status, hasTicket, body: answer.body };
}

describe('JSON', () => {
  const right = { password: PASSWORD };
  const cases: readonly (readonly [string, (back: object) => string, number])[] = [
    ['nothing', () => '', 400],
    ['a truncated body', (back) => JSON.stringify({ ...back, answer: right }).slice(0, -2), 400],
    ['a list', (back) => JSON.stringify([{ ...back, answer: right }]), 400],
    ['a string', () => JSON.stringify('answer'), 400],
    ['null', () => 'null', 400],
    ['two bodies', (back) => JSON.stringify({ ...back, answer: right }).repeat(2), 400],
    ['a comment', (back) => `${JSON.stringify({ ...back, answer: right })}//`, 400],
    ['a BOM and NUL', (back) => `\u0000${JSON.stringify({ ...back, answer: right })}`, 400],
    ['unknown names', (back) => JSON.stringify({ ...back, answer: right, userId: 'x' }), 400],
    ['an answer that is a list', (back) => JSON.stringify({ ...back, answer: [PASSWORD] }), 400],
    ['an answer that is a string', (back) => JSON.stringify({ ...back, answer: PASSWORD }), 400],
    [
      'a plan that is a list',
      (back) => JSON.stringify({ ...back, plan: ['x'], answer: right }),
      400,
    ],
    [
      'a token that is an object',
      (back) => JSON.stringify({ ...back, csrf: {}, answer: right }),
      400,
    ],
    [
      'a revision that is a number',
      (back) => JSON.stringify({ ...back, revision: 1, answer: right }),
      400,
    ],
    [
      'a revision of letters',
      (back) => JSON.stringify({ ...back, revision: '1e1', answer: right }),
      400,
    ],
    [
      'a revision below zero',
      (back) => JSON.stringify({ ...back, revision: '-1', answer: right }),
      400,
    ],
    [
      'a prototype',
      (back) => `{"__proto__":{"x":1},${JSON.stringify({ ...back, answer: right }).slice(1)}`,
      400,
    ],
    [
      'a prototype in the answer',
      (back) =>
        JSON.stringify({ ...back, answer: {} }).replace(
          '"answer":{}',
          `"answer":{"__proto__":{"password":"${PASSWORD}"}}`,
        ),
      400,
    ],
    [
      'a constructor',
      (back) => JSON.stringify({ ...back, answer: { constructor: { prototype: right } } }),
      400,
    ],
    [
      'an additional field',
      (back) => JSON.stringify({ ...back, answer: { ...right, login: 'ann' } }),
      422,
    ],
    [
      'a password in a list',
      (back) => JSON.stringify({ ...back, answer: { password: [PASSWORD] } }),
      422,
    ],
    [
      'a password that is true',
      (back) => JSON.stringify({ ...back, answer: { password: true } }),
      422,
    ],
    [
      'a password that is a number',
      (back) => JSON.stringify({ ...back, answer: { password: 1 } }),
      422,
    ],
    [
      'a password of an object',
      (back) => JSON.stringify({ ...back, answer: { password: { toString: PASSWORD } } }),
      422,
    ],
    [
      'a password with NUL',
      (back) => JSON.stringify({ ...back, answer: { password: `${PASSWORD}\u0000` } }),
      401,
    ],
    [
      'half a character',
      (back) => JSON.stringify({ ...back, answer: { password: '\uD800' } }),
      401,
    ],
    [
      'a long password',
      (back) => JSON.stringify({ ...back, answer: { password: 'x'.repeat(1025) } }),
      422,
    ],
    [
      'many names',
      (back) =>
        JSON.stringify({
          ...back,
          answer: Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`n${i}`, '1'])),
        }),
      400,
    ],
    [
      'depth',
      (back) =>
        JSON.stringify({ ...back, answer: {} }).replace(
          '"answer":{}',
          `"answer":${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
        ),
      422,
    ],
    ['70 KB', (back) => JSON.stringify({ ...back, answer: { password: 'x'.repeat(70_000) } }), 413],
  ];
  it.each(cases)('%s: is refused, and no user is signed in', async (_, body, status) => {
    const { reply, back } = await atPassword();
    const sent = await post(reply, '/api/flow/login', body(back), { 'content-type': JSON_TYPE });
    expect([sent.status, sent.hasTicket]).toEqual([status, false]);
    expect(sent.body).not.toMatch(/\bat \w+ \(|node_modules|\.ts:\d/);
  });

  it('of two values under one name is read as the last, by every parser', async () => {
    const { reply, back } = await atPassword();
    const body = JSON.stringify({ ...back, answer: {} }).replace(
      '"answer":{}',
      `"answer":{"password":"${PASSWORD}","password":"wrong"}`,
    );
    const sent = await post(reply, '/api/flow/login', body, { 'content-type': JSON_TYPE });
    expect([sent.status, sent.hasTicket]).toEqual([401, false]);
  });

  const types = [
    '',
    'text/plain',
    'application/json2',
    'text/plain; application/json',
    'multipart/form-data; boundary=application/json',
    'application/jsonp',
    FORM_TYPE,
    'application/json, text/plain',
  ];
  it.each(types)('is accepted only as JSON, not as %j', async (type) => {
    const { reply, back } = await atPassword();
    const body = JSON.stringify({ ...back, answer: right });
    const sent = await post(
      reply,
      '/api/flow/login',
      body,
      type === '' ? {} : { 'content-type': type },
    );
    expect([sent.status, sent.hasTicket]).toEqual([415, false]);
  });

  const senders: readonly Record<string, string>[] = [
    { origin: 'null' },
    { origin: 'https://evil.test' },
    { origin: 'http://app.gw.test' },
    { origin: 'http://auth.gw.test' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none', origin: 'http://gw.test' },
  ];
  it.each(senders)('is accepted only from our own page, not from %o', async (headers) => {
    const { reply, back } = await atPassword();
    const body = JSON.stringify({ ...back, answer: right });
    const sent = await post(reply, '/api/flow/login', body, {
      'content-type': JSON_TYPE,
      ...headers,
    });
    expect([sent.status, sent.hasTicket]).toEqual([403, false]);
    expect(sent.body).toContain('csrf/foreign');
  });

  it('is not readable by another site: no reply permits it', async () => {
    const methods = ['GET', 'POST', 'OPTIONS', 'HEAD'];
    for (const method of methods) {
      const answer = await new Client().send(`${world.portal}/api/flow/login`, {
        method,
        headers: {
          origin: 'https://evil.test',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      const names = Object.keys(answer.headers).filter((n) => n.startsWith('access-control-'));
      expect(names, method).toEqual([]);
      expect(answer.headers['cross-origin-resource-policy'], method).toBe('same-origin');
    }
  });
});

describe('forms', () => {
  const encoded = (fields: object): string =>
    new URLSearchParams(fields as Record<string, string>).toString();
  const pass = encodeURIComponent(PASSWORD);
  const cases: readonly (readonly [string, (back: object) => string, number])[] = [
    ['a password twice', (back) => `${encoded(back)}&password=wrong&password=${pass}`, 400],
    ['a plan twice', (back) => `${encoded(back)}&plan=x&password=${pass}`, 400],
    ['a prototype', (back) => `${encoded(back)}&__proto__=x&password=${pass}`, 400],
    ['names in brackets', (back) => `${encoded(back)}&password[]=${pass}`, 303],
    ['names with dots', (back) => `${encoded(back)}&answer.password=${pass}`, 303],
    ['an additional field', (back) => `${encoded(back)}&password=${pass}&admin=1`, 303],
    ['many names', (back) => `${encoded(back)}&${'a=1&'.repeat(100)}password=${pass}`, 400],
    ['70 KB', (back) => `${encoded(back)}&password=${'x'.repeat(70_000)}`, 413],
    ['broken escapes', (back) => `${encoded(back)}&password=%C3%28%ZZ`, 303],
    ['semicolons', (back) => `${encoded(back)};password=${pass}`, 303],
  ];
  it.each(cases)('%s: are refused, and no user is signed in', async (_, body, status) => {
    const { reply, back } = await atPassword();
    const sent = await post(reply, '/flow/login', body(back), { 'content-type': FORM_TYPE });
    expect([sent.status, sent.hasTicket]).toEqual([status, false]);
  });

  it.each(['', 'text/plain', 'multipart/form-data; boundary=x', JSON_TYPE])(
    'are accepted only as forms, not as %j',
    async (type) => {
      const { reply, back } = await atPassword();
      const body = `${encoded(back)}&password=${pass}`;
      const sent = await post(
        reply,
        '/flow/login',
        body,
        type === '' ? {} : { 'content-type': type },
      );
      expect([sent.status, sent.hasTicket]).toEqual([415, false]);
    },
  );

  it('keep their length on the wire: nothing of a refused body is read as a request', async () => {
    const { port } = world.gateway;
    const inner = `GET /flow/logout HTTP/1.1\r\nHost: auth.gw.test\r\n\r\n`;
    const body = `password=${'x'.repeat(200_000)}${inner}`;
    const raw = await sendRaw(
      port,
      `POST /flow/login HTTP/1.1\r\nHost: ${new URL(world.portal).host}\r\nOrigin: ${world.portal}\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answersOf(raw).map(({ status }) => status)).toEqual([413]);
  });

  it.each([
    ['/flow/login', FORM_TYPE],
    ['/api/flow/login', JSON_TYPE],
  ])('of ten million bytes are refused before they are complete: %s', async (path, type) => {
    const head = `POST ${path} HTTP/1.1\r\nHost: ${new URL(world.portal).host}\r\nOrigin: ${world.portal}\r\nContent-Type: ${type}\r\n`;
    const begun = 'x'.repeat(100_000);
    for (const framing of [
      `Content-Length: 10000000\r\n\r\n${begun}`,
      `Transfer-Encoding: chunked\r\n\r\n${begun.length.toString(16)}\r\n${begun}\r\n`,
    ]) {
      const [answer] = answersOf(await sendRaw(world.gateway.port, head + framing));
      expect(answer?.status).toBe(413);
    }
  });

  it('that were refused leave the run usable for a correct submission', async () => {
    const { reply } = await atPassword();
    expect((await world.reply(reply, { password: PASSWORD })).json.done).toBe(true);
  });
});
