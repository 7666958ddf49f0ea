import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aQuery, gathered } from '../../../test/support/signal-query.ts';
import type { Json } from '../../core/values/json.ts';
import { openList } from './list-file.ts';
import { breached } from './signal.ts';

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
const ask = (options: unknown, password: Json, field = 'password') =>
  gathered(breached, options, aQuery({ prompt: { [field]: password } }), undefined, field);

const listing =
  (...lines: readonly string[]): RequestListener =>
  (_req, res) =>
    res.end(lines.join('\r\n'));
const padding = Array.from({ length: 800 }, (_, i) => `${sha1(`padding ${i}`).slice(5)}:0`);
const own = (count: number): string => `${sha1('correct horse').slice(5)}:${count}`;

describe('breached, with a service', () => {
  let server: Server;
  let range: string;
  let listener: RequestListener;
  let requests: { url: string; headers: Record<string, unknown> }[];

  beforeEach(async () => {
    requests = [];
    server = createServer((req, res) => {
      requests.push({ url: req.url ?? '', headers: req.headers });
      listener(req, res);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    range = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('sends five digits and nothing else, and asks for padding', async () => {
    listener = listing(...padding.slice(0, 400), own(17), ...padding.slice(400));
    expect(await ask({ range }, 'correct horse')).toBe(17);
    expect(requests.map(({ url }) => url)).toEqual([`/range/${sha1('correct horse').slice(0, 5)}`]);
    expect(requests[0]?.headers['add-padding']).toBe('true');
    const sent = JSON.stringify(requests);
    expect(sent).not.toContain('correct');
    expect(sent.toUpperCase()).not.toContain(sha1('correct horse').slice(5, 15));
  });

  it.each([
    ['never', padding, 0],
    ['as padding', [...padding, own(0)], 0],
    ['in small letters', [...padding, own(3).toLowerCase()], 3],
  ])('counts what is listed %s', async (_, lines, count) => {
    listener = listing(...lines);
    expect(await ask({ range }, 'correct horse')).toBe(count);
  });

  it('treats a password as what is hashed', async () => {
    listener = listing(own(5));
    expect(await ask({ range }, 'ｃｏｒｒｅｃｔ horse')).toBe(5);
  });

  it.each<[string, RequestListener]>([
    ['a page', (_req, res) => res.end('<html>Welcome to the hotel</html>')],
    ['nothing', (_req, res) => res.end('')],
    ['a list with a page in it', (_req, res) => res.end(`${padding.join('\n')}\n<p>`)],
    ['an oversized response', (_req, res) => res.end('A'.repeat(300_000))],
    ['an endless response', (_req, res) => res.write(padding.join('\n')) && undefined],
    ['no response', () => undefined],
    ['an error', (_req, res) => res.writeHead(503).end(own(0))],
    ['a redirect', (_req, res) => res.writeHead(302, { location: range }).end(own(0))],
    ['a closed door', (req) => req.socket.destroy()],
    [
      'something encoded',
      (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(own(0)),
    ],
  ])('returns no value with %s', async (_, handler) => {
    listener = handler;
    await expect(ask({ range }, 'correct horse')).rejects.toBeInstanceOf(Error);
    expect(requests).toHaveLength(1);
  });

  it('sends no request for an invalid password', async () => {
    listener = listing(own(5));
    expect(await ask({ range }, null)).toBeNull();
    expect(await ask({ range }, 42)).toBeUndefined();
    expect(await ask({ range }, 'correct horse', '__proto__')).toBe(5);
    const other = aQuery({ prompt: { password: 'correct horse' } });
    expect(await gathered(breached, { range }, other, undefined, '__proto__')).toBeUndefined();
    expect(requests).toHaveLength(1);
  });
});

describe('breached, with a file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-breached-'));
  const known = Array.from({ length: 2_000 }, (_, i) => [sha1(`word ${i}`), i + 1] as const);
  const sorted = known.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fileOf = (name: string, text: string): string => {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  };
  const lines = (end: string) => sorted.map(([hash, count]) => `${hash}:${count}`).join(end);
  let path: string;
  beforeAll(() => {
    path = fileOf('sorted.txt', `${lines('\n')}\n`);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('finds every password in it, and no other', async () => {
    const list = await openList(path);
    const never = AbortSignal.timeout(60_000);
    for (const [hash, count] of sorted) expect(await list.count(hash, never)).toBe(count);
    for (let i = 0; i < 200; i += 1) {
      expect(await list.count(randomBytes(20).toString('hex').toUpperCase(), never)).toBe(0);
    }
    for (const edge of ['0', 'F']) expect(await list.count(edge.repeat(40), never)).toBe(0);
    await list.close();
  });

  it.each([
    ['with lines of another system', () => `${lines('\r\n')}\r\n`],
    ['without a last line end', () => lines('\n')],
    ['in small letters', () => lines('\n').toLowerCase()],
    ['of one line', () => `${sha1('word 7')}:8`],
    [
      'of few lines',
      () =>
        lines('\n')
          .slice(0, 90 * 44)
          .replace(/\n[^\n]*$/, '\n'),
    ],
  ])('reads one %s', async (_, text) => {
    const other = fileOf('other.txt', text());
    const first = sha1('word 7');
    const list = await openList(other);
    const has = text().toUpperCase().includes(first);
    const never = AbortSignal.timeout(60_000);
    expect(await list.count(first, never)).toBe(has ? 8 : 0);
    for (const edge of ['0', 'F']) expect(await list.count(edge.repeat(40), never)).toBe(0);
    await list.close();
  });

  it('checks a submitted password', async () => {
    expect(await ask({ path }, 'word 7')).toBe(8);
    expect(await ask({ path }, 'word 2000')).toBe(0);
  });

  it.each([
    ['that is not there', null],
    ['that is empty', ''],
    ['of something else', 'dear diary\n'.repeat(500)],
    ['of hashes alone', `${sha1('a')}\n${sha1('b')}\n`],
    ['that is not sorted', `${'F'.repeat(40)}:1\n${'0'.repeat(40)}:1\n`],
    ['of one endless line', 'A'.repeat(100_000)],
  ])('cannot be opened with one %s, and reports what is expected', async (_, text) => {
    const broken = text === null ? join(dir, 'nowhere') : fileOf('broken.txt', text);
    await expect(ask({ path: broken }, 'word 7')).rejects.toMatchObject({
      code: 'signal/file',
      message: expect.stringContaining(`passwords ${broken} cannot be used`),
    });
  });

  it('returns no value with a list that is broken in the middle', async () => {
    const broken = lines('\n').replaceAll(/^([4-B].*)$/gm, 'dear diary');
    const list = await openList(fileOf('middle.txt', broken));
    await expect(list.count('7'.repeat(40), AbortSignal.timeout(60_000))).rejects.toThrow(
      'HASH:COUNT',
    );
    await list.close();
  });
});

describe('options of breached', () => {
  it.each([
    { range: 'https://api.pwnedpasswords.com/range/' },
    { range: 'http://127.0.0.1:8080/range/' },
    { path: '/var/lib/hashes.txt' },
  ])('may be %j', (options) => {
    expect(breached.config.safeParse(options).success).toBe(true);
  });

  it.each([
    {},
    { range: 'https://a.example/', path: 'b' },
    { range: 'http://a.example/range/' },
    { range: 'https://a.example/range' },
    { range: 'https://u:p@a.example/range/' },
    { range: 'https://a.example/range/?q=' },
    { range: 'file:///range/' },
    { range: 'nonsense' },
    { path: '' },
    { range: 'https://a.example/', key: 'x' },
  ])('may not be %j', (options) => {
    expect(breached.config.safeParse(options).success).toBe(false);
  });
});
