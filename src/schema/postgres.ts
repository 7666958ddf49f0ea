/**
 * The option `database` for Postgres, as one plain value. Messages never repeat a value, since it may
 * contain a password.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { PostgresAddress } from '../core/setup/postgres-address.ts';

const URLS = /^postgres(?:ql)?:/;
const MODES = 'disable, verify-ca or verify-full';

/** Whether this value of `database` is meant for Postgres. */
export function claimsPostgres(database: unknown): boolean {
  if (typeof database === 'string') return URLS.test(database);
  return typeof database === 'object' && database !== null && 'url' in database;
}

const url = z.string().max(2048);
const written = z.union([
  url,
  z.strictObject({
    url,
    password: z
      .string()
      .max(1024)
      .optional()
      .describe('Password. Better here, from a file, than in the URL.'),
  }),
]);

/** Strict; every fault has its path. `rootCert` is as it was written: the linker makes it absolute. */
export const postgresConfig = written.transform((value, ctx): PostgresAddress => {
  const given = typeof value === 'string' ? { url: value } : value;
  const result = fromUrl(given.url);
  if (typeof result !== 'string') {
    return { ...result, password: given.password ?? result.password };
  }
  const path = typeof value === 'string' ? [] : ['url'];
  ctx.issues.push({ code: 'custom', message: result, input: undefined, path });
  return z.NEVER;
});

/** The parts of a URL, or what is wrong with it. */
function fromUrl(text: string): PostgresAddress | string {
  const parsed = URLS.test(text) ? URL.parse(text) : null;
  if (parsed === null) {
    return 'expected postgres://user:password@host:5432/name; percent-encode @ : / ? # in user and password';
  }
  const parts = {
    user: decode(parsed.username),
    password: decode(parsed.password),
    name: decode(parsed.pathname.slice(1)),
    host: decode(parsed.hostname),
  };
  const { user, password, name, host } = parts;
  if (user === null || password === null || name === null || host === null) {
    return 'the URL has a bad percent escape';
  }
  if (Object.values(parts).some((part) => /\p{Cc}/u.test(part ?? ''))) {
    return 'the URL has a control character';
  }
  const fault = faultIn(parsed, { user, name });
  if (fault !== null) return fault;
  // The folder of a socket is written percent-encoded in place of a host, as for libpq.
  const at = host.startsWith('[') ? host.slice(1, -1) : host;
  if (at === '') return 'the host is missing: postgres://user@host:5432/name';
  // A failover that the driver chose by itself could end at a replica that lacks the last changes.
  if (at.includes(','))
    return 'expected one host: the one that takes changes, or a name that leads to it';
  const tls = tlsOf(parsed.searchParams, at);
  if (typeof tls === 'string') return tls;
  const port = parsed.port === '' ? 5432 : Number(parsed.port);
  if (port === 0) return 'expected a port from 1 to 65535';
  return { host: at, port, name, user, password: password === '' ? undefined : password, tls };
}

const PARAMETERS = ['sslmode', 'sslrootcert'];

function faultIn(
  { searchParams, hash }: URL,
  { user, name }: { readonly user: string; readonly name: string },
): string | null {
  if (user === '') return 'the user is missing: postgres://user@host:5432/name';
  if (name === '' || name.includes('/')) {
    return 'the name of the database is missing: postgres://user@host:5432/name';
  }
  if (hash !== '') return 'a URL of Postgres has no #';
  const names = [...searchParams.keys()];
  if (names.some((key) => !PARAMETERS.includes(key))) {
    return `the parameters of the URL are ${PARAMETERS.join(', ')}`;
  }
  return new Set(names).size < names.length ? 'a parameter of the URL is repeated' : null;
}

function tlsOf(parameters: URLSearchParams, host: string): PostgresAddress['tls'] | string {
  const isNear = isLoopback(host);
  const rootCert = parameters.get('sslrootcert');
  const mode =
    parameters.get('sslmode') ?? (isNear && rootCert === null ? 'disable' : 'verify-full');
  if (mode === 'disable') {
    return rootCert === null ? null : 'sslrootcert has no effect with sslmode=disable';
  }
  // The others give the password, and every secret after it, to any server in between.
  if (mode !== 'verify-ca' && mode !== 'verify-full') {
    return `sslmode: expected ${MODES}, which verify the server or say that nothing does`;
  }
  if (host.startsWith('/')) return 'a Unix socket has no TLS: leave out sslmode';
  if (rootCert === '') return 'sslrootcert: expected the path of a PEM file';
  return { mode, rootCert };
}

function isLoopback(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Named fallback: the caller reports a fault of the configuration.
    return null;
  }
}
