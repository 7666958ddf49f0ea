/**
 * Hostile requests against unsent forms, as bytes: which are kept, who opens and sends them, and that a form
 * meets the rules of the moment in which it is sent. `unsent.test.ts` shows the ordinary way.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answersOf, type RawAnswer, sendRaw } from '../support/raw.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { logOf, metric, startWorld, type World } from './fixture.ts';

const TYPE = 'Content-Type: application/x-www-form-urlencoded';
const NAVIGATE = ['Accept: text/html', 'Sec-Fetch-Mode: navigate'];
const PAGE = [...NAVIGATE, 'Sec-Fetch-Dest: document'];
const BODY = 'text=pr3cious&password=hunter22';
const SECRETS = /pr3cious|hunter22/;

/** A POST of a form, except for what a probe changes. */
interface Sent {
  readonly line?: string;
  readonly host?: string;
  readonly sender?: readonly string[];
  readonly type?: string;
  readonly framing?: readonly string[];
  readonly fields?: readonly string[];
  readonly cookies?: readonly string[];
  readonly body?: string;
}

const hostOf = (world: World, name: string): string => `${name}.gw.test:${world.port}`;

async function send(world: World, sent: Sent): Promise<RawAnswer[]> {
  const { host = hostOf(world, 'app'), body = BODY, cookies = [] } = sent;
  const lines = [
    sent.line ?? 'POST /save?id=1 HTTP/1.1',
    `Host: ${host}`,
    ...cookies.map((pair) => `Cookie: ${pair}`),
    ...(sent.sender ?? [`Origin: http://${host}`, 'Sec-Fetch-Site: same-origin']),
    sent.type ?? TYPE,
    ...(sent.framing ?? [`Content-Length: ${body.length}`]),
    ...(sent.fields ?? PAGE),
    'Connection: close',
  ];
  return answersOf(await sendRaw(world.port, `${lines.join('\r\n')}\r\n\r\n${body}`));
}

const field = (answer: RawAnswer | undefined, name: string): string | null =>
  new RegExp(`^${name}: ([^\r\n;]*)`, 'im').exec(answer?.head ?? '')?.[1] ?? null;

/** Where a form was kept, and its half of the key; null for any other reply. */
function keptBy([answer]: readonly RawAnswer[]): {
  readonly id: string;
  readonly half: string;
} | null {
  const to = new URL(field(answer, 'location') ?? 'http://none');
  const half = field(answer, 'set-cookie') ?? '';
  if (to.searchParams.get('notice') !== 'kept') {
    expect(half).not.toContain('unsent');
    return null;
  }
  const id = new URL(to.searchParams.get('rd') ?? '').searchParams.get('id') ?? '';
  return { id, half };
}

/** Signs a user in and ends the session: a genuine ticket without one. */
async function endedTicket(world: World, user: string): Promise<string> {
  const { pair } = await world.signIn(user);
  await world.gateway.run(['session', 'revoke', '--user', user]);
  const probe: Sent = { line: 'GET / HTTP/1.1', framing: [], body: '', cookies: [pair] };
  await until('the end of the session', async () => (await send(world, probe))[0]?.status === 302);
  return pair;
}

describe('UNSENT-keep: which requests are kept', () => {
  let world: World;
  let ticket: string;
  beforeAll(async () => {
    world = await startWorld({ trusted: false });
    ticket = await endedTicket(world, 'alice');
    world.app.seen.length = 0;
  });
  afterAll(() => world.close());

  const own = () => `Origin: http://${hostOf(world, 'app')}`;
  const big = `a=${'x'.repeat(64 * 1024)}`;
  const part = (head: string) =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n\r\n--b--\r\n`;
  const multipart = (boundary: string) => `Content-Type: multipart/form-data; boundary=${boundary}`;

  const PROBES: Readonly<Record<string, () => Sent>> = {
    'null, without Fetch Metadata': () => ({ sender: ['Origin: null'] }),
    'no sender at all': () => ({ sender: [] }),
    'a Referer': () => ({ sender: [`Referer: http://${hostOf(world, 'app')}/`] }),
    'a sibling, without Fetch Metadata': () => ({
      sender: [`Origin: http://${hostOf(world, 'admin')}`],
    }),
    'the portal': () => ({ sender: [`Origin: ${world.gateway.portal}`] }),
    'another port': () => ({ sender: ['Origin: http://app.gw.test:1'] }),
    'another scheme': () => ({ sender: [`Origin: https://${hostOf(world, 'app')}`] }),
    'the host with a dot': () => ({ sender: [`Origin: http://app.gw.test.:${world.port}`] }),
    'the host as user info': () => ({ sender: [`${own()}@evil.test`] }),
    'two origins': () => ({ sender: [own(), 'Origin: http://evil.test'] }),
    'a list of origins': () => ({ sender: [`${own()} http://evil.test`] }),
    'another origin that claims to be the same': () => ({
      sender: ['Origin: http://evil.test', 'Sec-Fetch-Site: same-origin'],
    }),
    'the address bar': () => ({ sender: [own(), 'Sec-Fetch-Site: none'] }),
    'two sites in one field': () => ({
      sender: [own(), 'Sec-Fetch-Site: same-origin, cross-site'],
    }),
    'an empty site': () => ({ sender: [own(), 'Sec-Fetch-Site:'] }),
    'a frame': () => ({ fields: [...NAVIGATE, 'Sec-Fetch-Dest: frame'] }),
    'an object': () => ({ fields: [...NAVIGATE, 'Sec-Fetch-Dest: object'] }),
    'an upgrade': () => ({ fields: [...PAGE, 'Upgrade: websocket', 'Sec-WebSocket-Key: x'] }),
    'a method that overrides GET': () => ({
      line: 'GET /save HTTP/1.1',
      fields: [...PAGE, 'X-HTTP-Method-Override: POST'],
    }),
    COPY: () => ({ line: 'COPY /save HTTP/1.1' }),
    'two types': () => ({ type: `${TYPE}\r\n${TYPE}` }),
    'a type with a parameter': () => ({ type: `${TYPE}; charset=utf-8` }),
    'markup as a type': () => ({ type: 'Content-Type: text/html"><script>' }),
    'two boundaries': () => ({ type: multipart('b; boundary=c'), body: part('name="a"') }),
    'a part with another field': () => ({
      type: multipart('b'),
      body: part('name="a"\r\nX-Field: y'),
    }),
    'a part with two file names': () => ({
      type: multipart('b'),
      body: part('name="a"; filename=""; filename="x"\r\nContent-Type: application/octet-stream'),
    }),
    'a boundary within a line': () => ({
      type: multipart('b'),
      body: part('name="a"\r\n\r\nx--b\r\nContent-Disposition: form-data; name="c"'),
    }),
    'a length and chunks': () => ({
      framing: ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      body: `0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${hostOf(world, 'app')}\r\n\r\n`,
    }),
    'two lengths': () => ({ framing: ['Content-Length: 5', `Content-Length: ${BODY.length}`] }),
    'too many bytes in chunks': () => ({
      framing: ['Transfer-Encoding: chunked'],
      body: `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`,
    }),
    'an expectation': () => ({ fields: [...PAGE, 'Expect: 100-continue'] }),
    'the name of the charset': () => ({ body: '_CHARSET_=x' }),
    'more than 1000 fields': () => ({ body: 'a=&'.repeat(1001).slice(0, -1) }),
    'two tickets': () => ({ cookies: [`${ticket}; ${ticket}`] }),
    'two Cookie fields': () => ({ cookies: [ticket, ticket] }),
    'a ticket in quotes': () => ({ cookies: [ticket.replace('=', '="').concat('"')] }),
    'another host in the request line': () => ({
      line: `POST http://${hostOf(world, 'admin')}/save HTTP/1.1`,
    }),
    'a host that is no route': () => ({ host: hostOf(world, 'nowhere') }),
    'the host of the portal': () => ({ host: hostOf(world, 'auth') }),
    'our own path': () => ({ line: 'POST /.doorward/unsent HTTP/1.1' }),
    'our own sign-out': () => ({ line: 'POST /.doorward/sign-out HTTP/1.1' }),
  };

  it.each(Object.keys(PROBES))('not one with %s', async (name) => {
    const sent = PROBES[name]?.() ?? {};
    const answers = await send(world, { cookies: [ticket], ...sent });
    expect(answers.length).toBeGreaterThan(0);
    expect(keptBy(answers)).toBeNull();
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(300);
    expect(world.app.seen).toEqual([]);
  });

  it('one of a browser without Fetch Metadata, or in chunks, with trailers', async () => {
    expect(keptBy(await send(world, { cookies: [ticket], sender: [own()] }))).not.toBeNull();
    const chunks = `3;x=y\r\na=1\r\n0\r\nRemote-User: bob\r\n\r\n`;
    const framing = ['Transfer-Encoding: chunked', 'Trailer: Remote-User'];
    expect(keptBy(await send(world, { cookies: [ticket], framing, body: chunks }))).not.toBeNull();
  });

  it('and what follows on the connection gets its own reply', async () => {
    const next = `GET /.doorward/unsent HTTP/1.1\r\nHost: ${hostOf(world, 'app')}\r\nConnection: close\r\n\r\n`;
    const lines = [
      'POST /save HTTP/1.1',
      `Host: ${hostOf(world, 'app')}`,
      `Cookie: ${ticket}`,
      own(),
      TYPE,
      `Content-Length: ${BODY.length}`,
      ...PAGE,
    ];
    const raw = await sendRaw(world.port, `${lines.join('\r\n')}\r\n\r\n${BODY}${next}`);
    expect(answersOf(raw).map(({ status }) => status)).toEqual([303, 410]);
    expect(world.app.seen).toEqual([]);
  });
});

describe('UNSENT-send: who opens and sends a kept form', () => {
  let world: World;
  let form: { readonly id: string; readonly half: string };
  let cookies: readonly string[];
  beforeAll(async () => {
    world = await startWorld({
      trusted: false,
      listen: ({ port }) => `[{ at: "127.0.0.1:${port}", http2: true }]`,
      routes: ({ origin }) => [
        `{ id: twin, host: [twin.gw.test, other.gw.test], upstream: "${origin}" }`,
        `{ id: open, host: open.gw.test, upstream: "${origin}", cors: { origins: ["http://evil.test"], credentials: true } }`,
      ],
    });
    await keepOf('bob', 'open');
  });
  afterAll(() => world.close());
  beforeEach(() => void (world.app.seen.length = 0));
  /** Keeps a form of a user who has signed in again. */
  async function keepOf(user: string, app: string): Promise<void> {
    const host = hostOf(world, app);
    const kept = keptBy(await send(world, { host, cookies: [await endedTicket(world, user)] }));
    if (kept === null) throw new Error('the form was not kept');
    form = kept;
    cookies = [`${(await world.signIn(user)).pair}; ${kept.half}`];
    world.app.seen.length = 0;
  }
  const press = (sent: Sent = {}, query = `?id=${form.id}`) =>
    send(world, {
      line: `POST /.doorward/unsent${query} HTTP/1.1`,
      host: hostOf(world, 'open'),
      cookies,
      ...sent,
    });
  const look = (sent: Sent = {}, query = `?id=${form.id}`) =>
    press({ line: `GET /.doorward/unsent${query} HTTP/1.1`, framing: [], body: '', ...sent });
  const isStillThere = async () => expect((await look())[0]?.body).toMatch(SECRETS);

  it.each<readonly [string, (id: string) => string]>([
    ['two ids', (id) => `?id=${id}&id=${id}`],
    ['an id and an empty one', (id) => `?id=&id=${id}`],
    ['an array', (id) => `?id[]=${id}`],
    ['a longer id', (id) => `?id=${id}A`],
    ['an id with NUL', (id) => `?id=${id}%00`],
    ['an id with a blank', (id) => `?id=${id}+`],
    ['another case', (id) => `?ID=${id}`],
    ['a semicolon', (id) => `?x=1;id=${id}`],
    ['a path', (id) => `/?id=${id}`],
    ['no id', () => ''],
  ])('not with %s', async (_, query) => {
    for (const answers of [await look({}, query(form.id)), await press({}, query(form.id))]) {
      expect([302, 303, 307]).not.toContain(answers[0]?.status);
      // Any other path is the app's.
      expect(world.app.seen.every(({ target }) => !target.startsWith('/save'))).toBe(true);
      expect(JSON.stringify(answers).replaceAll(BODY, '')).not.toMatch(SECRETS);
    }
    await isStillThere();
  });

  it.each<readonly [string, () => Sent, number]>([
    [
      'a sibling',
      () => ({ sender: [`Origin: http://${hostOf(world, 'app')}`, 'Sec-Fetch-Site: same-site'] }),
      403,
    ],
    [
      'a listed origin',
      () => ({ sender: ['Origin: http://evil.test', 'Sec-Fetch-Site: cross-site'] }),
      403,
    ],
    ['null', () => ({ sender: ['Origin: null'] }), 403],
    ['no page', () => ({ sender: [] }), 403],
    [
      'the address bar',
      () => ({ sender: [`Origin: http://${hostOf(world, 'open')}`, 'Sec-Fetch-Site: none'] }),
      403,
    ],
    ['another host', () => ({ host: hostOf(world, 'app') }), 410],
    [
      'another half of the key',
      () => ({ cookies: [cookies[0]?.replace(/unsent=.*/, `unsent=${'A'.repeat(22)}`) ?? ''] }),
      410,
    ],
    ['two halves', () => ({ cookies: [`${cookies[0]}; ${form.half}`] }), 410],
    ['no half', () => ({ cookies: [cookies[0]?.split('; ')[0] ?? ''] }), 410],
    ['no session', () => ({ cookies: [form.half] }), 303],
    ['PUT', () => ({ line: `PUT /.doorward/unsent?id=${form.id} HTTP/1.1` }), 405],
    [
      'a length and chunks',
      () => ({ framing: ['Content-Length: 5', 'Transfer-Encoding: chunked'], body: '0\r\n\r\n' }),
      400,
    ],
  ])('not by %s', async (_, sent, status) => {
    const answers = await press(sent());
    expect(answers[0]?.status).toBe(status);
    expect(field(answers[0], 'location') ?? '').not.toContain('/save');
    await isStillThere();
    expect(world.app.seen).toEqual([]);
  });

  it('a script of another origin reads none, a frame shows none, and no preflight passes', async () => {
    const cors = ['Origin: http://evil.test', 'Sec-Fetch-Site: cross-site'];
    expect((await look({ sender: cors }))[0]?.head).not.toMatch(/access-control-allow/i);
    const [page] = await look();
    expect(page?.head).toMatch(
      /^content-security-policy: default-src 'none'.*frame-ancestors 'none'/im,
    );
    const line = `OPTIONS /.doorward/unsent?id=${form.id} HTTP/1.1`;
    const fields = ['Access-Control-Request-Method: POST'];
    const preflight = await look({ line, sender: cors, fields });
    expect(preflight[0]?.status).toBe(405);
  });

  it('HTTP/2 sends what HTTP/1.1 kept, once', async () => {
    const session = connect(`http://127.0.0.1:${world.port}`);
    const ask = async (): Promise<readonly unknown[]> => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/.doorward/unsent?id=${form.id}`,
        ':authority': hostOf(world, 'open'),
        origin: `http://${hostOf(world, 'open')}`,
        'content-type': 'application/x-www-form-urlencoded',
        cookie: cookies[0] ?? '',
        accept: 'text/html',
      });
      const answered = new Promise<readonly unknown[]>((resolve, reject) => {
        stream.once('response', (head) => resolve([head[':status'], head['location']]));
        stream.once('error', reject);
      });
      stream.end(BODY);
      stream.resume();
      return answered;
    };
    expect(await ask()).toEqual([307, `http://${hostOf(world, 'open')}/save?id=1`]);
    expect((await ask())[0]).toBe(410);
    session.close();
    expect(world.app.seen).toEqual([]);
  });

  it('the rules of the moment decide, and an identity in the request is none', async () => {
    await keepOf('carol', 'twin');
    const host = hostOf(world, 'twin');
    const { configFile } = world.gateway;
    const before = readFileSync(configFile, 'utf8');
    const reload = async (text: string) => {
      const reloads = () => logOf(world.gateway).filter(({ msg }) => msg === 'reload').length;
      const known = reloads();
      writeFileSync(configFile, text);
      world.gateway.hangUp();
      await until('a reload', () => reloads() > known);
      expect(await metric(world.gateway, 'doorward_reload_ok')).toBe(1);
    };
    const twin = 'host: [twin.gw.test, other.gw.test],';
    const changed = (more: string) => before.replace(twin, `${twin} ${more},`);
    await reload(changed('paths: [{ re: "^/sav[a-z]$", closed: true }]'));
    for (const answers of [await look({ host }), await press({ host })]) {
      expect(answers[0]?.status).toBe(403);
      expect(answers[0]?.body).not.toMatch(SECRETS);
    }
    // A visitor without a session may now send it, but has not filled it in.
    await reload(changed('paths: [{ path: /save, public: true }]'));
    const [, half = ''] = cookies[0]?.split('; ') ?? [];
    expect((await look({ host, cookies: [half] }))[0]?.status).toBe(403);
    await reload(before.replace(twin, 'host: other.gw.test,'));
    expect((await press({ host }))[0]?.status).toBe(421);
    await reload(before);
    const forged = [...PAGE, 'Remote-User: bob', 'X-Forwarded-Host: evil.test'];
    const [sent] = await press({ host, fields: forged });
    expect([sent?.status, field(sent, 'location')]).toEqual([307, `http://${host}/save?id=1`]);
    expect((await send(world, { host, cookies, fields: forged }))[0]?.status).toBe(200);
    expect(world.app.seen.map(({ body }) => body)).toEqual([BODY]);
    expect(world.app.seen[0]?.rawHeaders.join('\n')).toMatch(/^remote-user\ncarol$/im);
    expect(JSON.stringify(world.app.seen)).not.toMatch(/evil\.test|unsent=/);
  });

  it('nothing of it all is in the log', () => {
    expect(world.gateway.output()).toContain('path/unsent');
    expect(world.gateway.output()).not.toMatch(SECRETS);
  });
});

it('UNSENT-dead: a dead store keeps nothing and sends nothing', async () => {
  const redis = await startRedis();
  const world = await startWorld({
    trusted: false,
    state: redis.url,
    env: { DOORWARD_SESSION__SECRETS: '0c3e7a15-8f42-4d69-b1d8-6a2f95e07b44' },
  });
  try {
    const ticket = await endedTicket(world, 'alice');
    const kept = keptBy(await send(world, { cookies: [ticket] }));
    const { pair } = await world.signIn('alice');
    world.app.seen.length = 0;
    await redis.kill();
    const path = `/.doorward/unsent?id=${kept?.id}`;
    const cookies = [`${pair}; ${kept?.half}`];
    for (const line of [`GET ${path} HTTP/1.1`, `POST ${path} HTTP/1.1`]) {
      const [answer] = await send(world, { line, cookies });
      expect([answer?.status, answer?.body.match(SECRETS)]).toEqual([503, null]);
    }
    expect(keptBy(await send(world, { cookies: [ticket] }))).toBeNull();
    expect(world.app.seen).toEqual([]);
    expect(world.gateway.output()).not.toMatch(SECRETS);
  } finally {
    await world.close();
    await redis.stop();
  }
});
