import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPasswords } from '../passwords/passwords.ts';
import { importers } from './index.ts';
import { readExport } from './read-export.ts';

const USERS =
  'users:\n  ann:\n    password: "$2b$12$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e"\n';
const REALM = JSON.stringify({ realm: 'acme', users: [{ username: 'bob', enabled: true }] });
const DUMP = JSON.stringify([
  { model: 'authentik_core.user', pk: 1, fields: { username: 'cem', password: '!' } },
]);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doorward-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(...contents: readonly (string | Buffer)[]) {
  const passwords = createPasswords();
  const paths = contents.map((_, index) => join(dir, `file${index}.json`));
  for (const [index, content] of contents.entries()) await writeFile(paths[index] ?? '', content);
  return readExport(importers, paths, {
    isHash: (text) => passwords.isHash(text),
    portalHost: 'auth.example.com',
    trustsEmail: false,
  });
}

const nameOf = (export_: Awaited<ReturnType<typeof read>>) => export_.entries[0]?.user.name;

describe('an export', () => {
  it.each([
    ['Authelia', USERS, 'ann'],
    ['Authelia', JSON.stringify({ users: { ann: { password: '$y$j9T$a$b' } } }), 'ann'],
    ['Keycloak', REALM, 'bob'],
    ['Keycloak', `\n ${REALM}`, 'bob'],
    ['Keycloak', `[${REALM}]`, 'bob'],
    ['authentik', DUMP, 'cem'],
  ])('of %s is recognized by its content', async (product, text, name) => {
    const found = await read(text);
    expect([found.product, nameOf(found)]).toEqual([product, name]);
  });

  it('may begin with a byte order mark, and may be UTF-16 as PowerShell writes it', async () => {
    expect(nameOf(await read(`\ufeff${REALM}`))).toBe('bob');
    expect(nameOf(await read(`\ufeff${USERS}`))).toBe('ann');
    expect(nameOf(await read(Buffer.from(`\ufeff${DUMP}`, 'utf16le')))).toBe('cem');
  });

  it.each([
    ['JSON that is cut off', [REALM.slice(0, -5)], 'file0.json: '],
    ['other JSON', ['{"clients":[]}'], 'this is no export of Keycloak, authentik, Authelia'],
    ['a list of other things', ['[1, null, {"model": 7}]'], 'this is no export of'],
    ['other YAML', ['hello: world\n'], 'expected a map of users under the key users'],
    ['nothing', [''], 'expected a map of users under the key users'],
    ['two products', [REALM, DUMP], 'exports of Keycloak and authentik; import one product'],
  ])('is refused with %s', async (_what, contents, message) => {
    await expect(read(...contents)).rejects.toThrow(message);
  });

  it('is refused if it is missing, a folder, or too large, without being read', async () => {
    const tools = { isHash: () => false, portalHost: 'x', trustsEmail: false };
    const tryPath = (path: string) => readExport(importers, [path], tools);
    await expect(tryPath(join(dir, 'none.json'))).rejects.toMatchObject({ code: 'import/file' });
    await expect(tryPath(dir)).rejects.toMatchObject({ code: 'import/file' });
    const large = join(dir, 'large.json');
    await writeFile(large, '{');
    await truncate(large, 300 * 1024 * 1024);
    await expect(tryPath(large)).rejects.toThrow('more than 256 MiB; import them in parts');
  });
});

describe('a hostile export', () => {
  it('cannot reach the prototype of objects', async () => {
    const found = await read(
      `{"realm":"acme","users":[{"username":"__proto__","enabled":true,"attributes":{"__proto__":["x"],"constructor":["y"]},"clientRoles":{"__proto__":["admin"]}}]}`,
    );
    expect(nameOf(found)).toBe('__proto__');
    expect(Object.getPrototypeOf(found.entries[0]?.user.attributes)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it('with levels beyond measure is refused', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const nested = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const dump = `[{"model":"authentik_core.user","pk":1,"fields":{"username":"ann","password":"!","attributes":${nested}}}]`;
    await expect(read(deep)).rejects.toMatchObject({ code: 'import/file' });
    await expect(read(dump)).rejects.toThrow('attributes: expected at most 32 levels');
    await expect(read(`{"realm":"a","users":${nested}}`)).rejects.toThrow('list of users');
    await expect(
      read(`{"realm":"a","users":[{"username":"b","attributes":${nested}}]}`),
    ).rejects.toThrow('users[0].attributes.a: ');
  });

  it('with faults without end prints twenty', async () => {
    const users = Array.from({ length: 5_000 }, () => ({ username: 7 }));
    const lines = await read(JSON.stringify({ realm: 'a', users })).then(
      () => [],
      (error: Error) => error.message.split('\n'),
    );
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 4980 more');
  });

  it('of 100,000 users is read', async () => {
    const users = Array.from({ length: 100_000 }, (_, n) => ({ username: `u${n}`, enabled: true }));
    expect((await read(JSON.stringify({ realm: 'a', users }))).entries).toHaveLength(100_000);
  });
});
