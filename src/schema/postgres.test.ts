import { describe, expect, it } from 'vitest';
import { describePostgres, type PostgresAddress } from '../core/setup/postgres-address.ts';
import { claimsPostgres, postgresConfig } from './postgres.ts';

const PLAIN: PostgresAddress = {
  host: 'db.example.com',
  port: 5432,
  name: 'doorward',
  user: 'ann',
  password: undefined,
  tls: { mode: 'verify-full', rootCert: null },
};

const read = (value: unknown): PostgresAddress => postgresConfig.parse(value);
const faultOf = (value: unknown) => {
  const { error } = postgresConfig.safeParse(value);
  return error?.issues.map(({ path, message }) => [path.join('.'), message]);
};

describe('the URL of a Postgres database', () => {
  it.each<[string, Partial<PostgresAddress>]>([
    ['postgres://ann@db.example.com/doorward', {}],
    ['postgresql://ann@db.example.com:6432/doorward', { port: 6432 }],
    ['postgres://ann:@db.example.com/doorward', {}],
    ['postgres://ann@192.0.2.7/doorward', { host: '192.0.2.7' }],
    ['postgres://ann@[2001:db8::7]:5433/doorward', { host: '2001:db8::7', port: 5433 }],
    ['postgres://ann@DB.example.com/door%20ward', { host: 'DB.example.com', name: 'door ward' }],
    ['postgres://ann@localhost/doorward', { host: 'localhost', tls: null }],
    ['postgres://ann@127.8.9.1/doorward', { host: '127.8.9.1', tls: null }],
    ['postgres://ann@[::1]/doorward', { host: '::1', tls: null }],
    ['postgres://ann@%2Frun%2Fpostgresql/doorward', { host: '/run/postgresql', tls: null }],
    ['postgres://ann@%2Frun:5433/doorward', { host: '/run', port: 5433, tls: null }],
    ['postgres://ann@db.example.com/doorward?sslmode=disable', { tls: null }],
    [
      'postgres://ann@db.example.com/doorward?sslmode=verify-ca&sslrootcert=ca%2Broot.pem',
      { tls: { mode: 'verify-ca', rootCert: 'ca+root.pem' } },
    ],
    [
      'postgres://ann@localhost/doorward?sslrootcert=/etc/ca.pem',
      { host: 'localhost', tls: { mode: 'verify-full', rootCert: '/etc/ca.pem' } },
    ],
    // Only loopback is near: a name that merely looks like it is not.
    ['postgres://ann@localhost.example.com/doorward', { host: 'localhost.example.com' }],
    ['postgres://ann@127.0.0.1.example.com/doorward', { host: '127.0.0.1.example.com' }],
  ])('%s is read', (url, changes) => {
    expect(read(url)).toEqual({ ...PLAIN, ...changes });
  });

  it.each([
    'hunter2',
    'p@ss:w/rd?#%',
    ' space and "quotes" and \\ ',
    "Robert'); DROP TABLE users;--",
    'Пароль-密码-🔑',
    '%41',
    '+',
  ])('may have any password, percent-encoded: %s', (password) => {
    const url = `postgres://${encodeURIComponent(password)}:${encodeURIComponent(password)}@db.example.com/doorward`;
    expect(read(url)).toEqual({ ...PLAIN, user: password, password });
  });

  it.each([['hunter2'], ['p@ss:w/rd?#%'], ['\0'], [' ']])(
    'takes the password beside it as it is: %j',
    (password) => {
      const url = 'postgres://ann:other@db.example.com/doorward';
      expect(read({ url, password })).toEqual({ ...PLAIN, password });
      expect(read({ url })).toEqual({ ...PLAIN, password: 'other' });
    },
  );

  it.each([
    ['postgres://db.example.com/doorward', 'the user is missing'],
    ['postgres://:hunter2@db.example.com/doorward', 'the user is missing'],
    ['postgres://ann:hunter2@db.example.com', 'the name of the database is missing'],
    ['postgres://ann:hunter2@db.example.com/', 'the name of the database is missing'],
    ['postgres://ann:hunter2@db.example.com/a/b', 'the name of the database is missing'],
    ['postgres://ann:hunter2@/doorward', 'expected postgres://'],
    ['postgres:ann:hunter2@db.example.com/doorward', 'the user is missing'],
    ['postgres:///doorward', 'the user is missing'],
    ['postgres://ann:hunter2@one.example.com,two.example.com/doorward', 'one host'],
    ['postgres://ann:hunter2@one.example.com:1,two.example.com:2/doorward', 'expected postgres://'],
    ['postgres://ann:hunter2@db.example.com:0/doorward', 'expected a port'],
    ['postgres://ann:hunter2@db.example.com:65536/doorward', 'expected postgres://'],
    ['postgres://ann:hunter2%zz@db.example.com/doorward', 'a bad percent escape'],
    ['postgres://ann:hunter2%ff@db.example.com/doorward', 'a bad percent escape'],
    ['postgres://ann:hunter2%00@db.example.com/doorward', 'a control character'],
    ['postgres://ann:hunter2#x@db.example.com/doorward', 'expected postgres://'],
    ['postgres://ann:hunter2@db.example.com/doorward#x', 'no #'],
    ['postgres://ann:hunter2@db.example.com/doorward?host=evil', 'the parameters of the URL are'],
    ['postgres://ann:hunter2@db.example.com/doorward?SSLMODE=disable', 'the parameters of the URL'],
    ['postgres://ann:hunter2@db.example.com/doorward?sslmode=disable&sslmode=', 'repeated'],
    ['postgres://ann:hunter2@db.example.com/doorward?sslmode=require', 'sslmode: expected'],
    ['postgres://ann:hunter2@db.example.com/doorward?sslmode=prefer', 'sslmode: expected'],
    ['postgres://ann:hunter2@db.example.com/doorward?sslmode=', 'sslmode: expected'],
    ['postgres://ann:hunter2@db.example.com/doorward?sslrootcert=', 'sslrootcert: expected'],
    ['postgres://ann:hunter2@localhost/doorward?sslmode=disable&sslrootcert=x', 'has no effect'],
    ['postgres://ann:hunter2@%2Frun/doorward?sslmode=verify-full', 'a Unix socket has no TLS'],
    ['mysql://ann:hunter2@db.example.com/doorward', 'expected postgres://'],
  ])('%s is refused, and the message has no part of it', (url, words) => {
    const [fault, ...more] = faultOf(url) ?? [];
    expect(more).toEqual([]);
    expect(fault).toEqual(['', expect.stringContaining(words)]);
    expect(fault?.[1]).not.toMatch(/hunter2|ann@|evil/);
    expect(faultOf({ url, password: 'hunter2' })).toEqual([['url', fault?.[1]]]);
  });

  it.each([
    [{ url: 'postgres://ann@db.example.com/doorward', pass: 'hunter2' }],
    [{ url: 'postgres://ann@db.example.com/doorward', password: 7 }],
    [{ url: `postgres://ann@db.example.com/${'x'.repeat(2048)}` }],
    [{ url: 'postgres://ann@db.example.com/doorward', password: 'x'.repeat(1025) }],
    [['postgres://ann@db.example.com/doorward']],
    [null],
  ])('has a form, with bounds: %j', (value) => {
    expect(faultOf(value)).not.toBeUndefined();
    expect(JSON.stringify(faultOf(value))).not.toContain('hunter2');
  });

  it('is distinguished from other values of the option', () => {
    expect(['postgres://x', 'postgresql:x', { url: 7 }].map(claimsPostgres)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['embedded', 'Postgres://x', null, 7, {}].map(claimsPostgres)).toEqual(
      Array.from({ length: 5 }, () => false),
    );
  });

  it('is named in messages without user and password', () => {
    expect(describePostgres(read('postgres://ann:hunter2@[::1]/doorward'))).toBe(
      'Postgres database doorward at [::1]:5432',
    );
    expect(describePostgres(read('postgres://ann:hunter2@%2Frun/doorward'))).toBe(
      'Postgres database doorward at /run',
    );
  });
});
