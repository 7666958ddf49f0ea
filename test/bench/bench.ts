/**
 * `npm run bench`: the cost of a check and a proxied request in comparison with servers that do
 * less, in one run of at most three minutes. Never fails because of speed; reports what it could
 * not measure.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findBinary } from '../support/packages.ts';
import { startRedis } from '../support/redis.ts';
import type { DecisionRow } from './decisions.ts';
import { type CredentialBench, startCredentialBench } from './credentials.ts';
import { startBenchGateway } from './gateway.ts';
import { type Contender, measure } from './measure.ts';
import { pin } from './processor.ts';
import { type LdapBench, startLdapBench } from './ldap.ts';
import { createReport } from './report.ts';
import { mintSessions } from './sessions.ts';
import { type Running, startNginx, startScript } from './servers.ts';

const KILOBYTE = 'x'.repeat(1024);
const TEN_MEGABYTES = Buffer.alloc(10 * 1024 * 1024, 'x');
/** Enough that no ticket is sent twice while the first check of a ticket is measured. */
const SESSIONS = 8_000;
const ROUNDS = 9;
/** Milliseconds of one round. */
const ROUND = 500;
/** Milliseconds from the start after which no further round begins. */
const CHECKS_END = 100_000;
const CREDENTIALS_END = 115_000;
const PROXY_END = 140_000;
const LARGE_END = 165_000;

const report = createReport();
const nginx = findBinary('nginx');
const started: { stop(): unknown }[] = [];

/** Pins to the measured processor, or to the other one, which the load and the app share. */
async function begin<T extends Running>(starting: Promise<T>, processor = 0): Promise<T> {
  const server = await starting;
  started.push(server);
  pin(server.pid, processor);
  return server;
}

/** May not subscribe to changes in Redis, so its gateway caches no session. */
const BLIND = ['--user', 'blind', 'on', 'nopass', '~*', '&*', '+@all', '-client|tracking'];

/** Two ways to the same state: as usual, and one that makes each check read its session. */
async function startStates(): Promise<{ readonly usual: string; readonly blind: string | null }> {
  if (findBinary('redis-server') === null) {
    report.note('redis-server was not found: state is embedded, no row shows a round trip.');
    return { usual: 'embedded', blind: null };
  }
  const redis = await startRedis({ args: BLIND });
  started.push(redis);
  return { usual: redis.url, blind: redis.url.replace('//', '//blind:none@') };
}

/** A check for a program, which sends no cookie. */
function checkWith(field: string): string {
  return checkOf('').replace('Cookie: theme=dark; ; lang=en', `Authorization: ${field}`);
}

function checkOf(cookie: string): string {
  return [
    'GET /.doorward/check/nginx HTTP/1.1',
    'Host: auth.internal',
    'X-Original-URL: http://app.gw.test/wiki/page?x=1',
    'X-Original-Method: GET',
    'X-Forwarded-For: 203.0.113.9',
    'Accept: text/html',
    `Cookie: theme=dark; ${cookie}; lang=en`,
    '\r\n',
  ].join('\r\n');
}

function requestOf(path: string, cookie: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: app.gw.test\r\nAccept: text/html\r\nCookie: theme=dark; ${cookie}; lang=en\r\n\r\n`;
}

function contender(name: string, at: Running, ...requests: readonly string[]): Contender {
  return { name, pid: at.pid, port: at.port, requests };
}

function measureDecisions(): void {
  const script = join(import.meta.dirname, 'decisions.ts');
  report.decisions(
    JSON.parse(execFileSync(process.execPath, [script]).toString()) as DecisionRow[],
  );
}

async function measureChecks(
  own: Running,
  { blind, ldap }: { readonly blind: Running | null; readonly ldap: LdapBench | null },
  cookies: readonly string[],
): Promise<void> {
  const checks = cookies.map(checkOf);
  const [check = ''] = checks;
  const all = [
    contender('warm', own, check),
    contender('bare', await begin(startScript('bare.ts')), check),
  ];
  if (nginx !== null) {
    all.push(
      contender('nginx', await begin(startNginx(nginx, { location: 'return 200;' })), check),
    );
  }
  const plan = { rounds: ROUNDS, milliseconds: ROUND, connections: 32, deadline: CHECKS_END };
  const fresh: Contender = { ...contender('first', own, ...checks), once: true };
  if (blind !== null) {
    const cold = contender('cold', blind, ...checks);
    // All tickets once, so that only the sessions have to be read.
    await measure([{ ...cold, once: true }], { ...plan, rounds: 0 });
    all.push(cold);
  }
  if (ldap !== null) {
    const unread = contender('ldap', ldap.gateway, ...ldap.cookies.map(checkOf));
    all.push({ ...unread, once: true });
  }
  const measured = await measure([fresh, ...all], plan);
  const rows = [
    ['check, session remembered', 'warm'],
    ['check, ticket remembered, session read', 'cold'],
    ['check, ticket never seen', 'first'],
    ['check, user of LDAP never read', 'ldap'],
  ] as const;
  for (const [what, name] of rows) {
    report.compare(what, 'bare node:http', measured.get(name), measured.get('bare'));
    report.compare(what, 'nginx, static reply', measured.get(name), measured.get('nginx'));
  }
}

/** Side by side at one gateway: a remembered session, and remembered credentials of programs. */
async function measureCredentials(
  { gateway, fields }: CredentialBench,
  cookie: string,
): Promise<void> {
  const kinds = Object.entries(fields);
  const all = [
    contender('session', gateway, checkOf(cookie)),
    ...kinds.map(([kind, field]) => contender(kind, gateway, checkWith(field))),
  ];
  const plan = { milliseconds: ROUND, connections: 32, deadline: CREDENTIALS_END };
  const measured = await measure(all, { rounds: ROUNDS, ...plan });
  for (const [kind] of kinds) {
    const ours = measured.get(kind);
    report.compare(
      `check, ${kind} remembered`,
      'session remembered',
      ours,
      measured.get('session'),
    );
  }
}

async function measureProxy(
  what: string,
  app: Running,
  own: Contender,
  request: string,
  plan: { readonly connections: number; readonly milliseconds: number; readonly deadline: number },
): Promise<void> {
  const plain = await begin(startScript('plain-proxy.ts', `http://127.0.0.1:${app.port}`));
  const all = [own, contender('http-proxy', plain, request)];
  if (nginx !== null) {
    const location =
      'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";';
    const passing = await begin(startNginx(nginx, { location, app: app.port }));
    all.push(contender('nginx', passing, request));
  }
  const measured = await measure(all, { rounds: ROUNDS, ...plan });
  const ours = measured.get(own.name);
  report.compare(what, 'nginx proxy_pass', ours, measured.get('nginx'));
  report.compare(what, 'plain http-proxy 1.18', ours, measured.get('http-proxy'));
}

try {
  // This process reads the gateway's log; it must not do so on the measured processor.
  pin(process.pid, 1);
  if (nginx === null) report.note('nginx was not found: its rows were not measured.');
  measureDecisions();
  const app = await begin(startApp(), 1);
  const { usual, blind } = await startStates();
  const gateway = await begin(startBenchGateway({ state: usual, upstream: app.port }));
  const cookies = await mintSessions(gateway.configFile, SESSIONS);
  const others = { blind: await startBlind(blind, app), ldap: await startLdap(usual, app) };
  await measureChecks(gateway, others, cookies);
  const programs = await startCredentialBench({ state: usual, upstream: app.port });
  await begin(Promise.resolve(programs.gateway));
  const [session = ''] = await mintSessions(programs.gateway.configFile, 1);
  await measureCredentials(programs, session);
  for (const [what, path, plan] of [
    [
      'proxy, 1 KB',
      '/wiki/page?x=1',
      { connections: 32, milliseconds: ROUND, deadline: PROXY_END },
    ],
    ['proxy, 10 MB', '/large', { connections: 4, milliseconds: ROUND * 2, deadline: LARGE_END }],
  ] as const) {
    const request = requestOf(path, cookies[0] as string);
    await measureProxy(what, app, contender('ours', gateway, request), request, plan);
  }
  process.stdout.write(`\n${report.render()}`);
} finally {
  for (const server of started) await server.stop();
}

/** A gateway with the same secrets that may not subscribe to changes in Redis. */
async function startBlind(state: string | null, app: Running): Promise<Running | null> {
  if (state === null) return null;
  return begin(startBenchGateway({ state, upstream: app.port }));
}

async function startLdap(state: string, app: Running): Promise<LdapBench | null> {
  if (findBinary('slapd') === null || findBinary('ldapmodify') === null) {
    report.note('slapd or ldapmodify was not found: no row shows a user of LDAP.');
    return null;
  }
  const bench = await startLdapBench({ state, upstream: app.port }, (one) => started.push(one));
  pin(bench.gateway.pid, 0);
  return bench;
}

function startApp(): Promise<Running> {
  if (nginx === null) return startScript('app.ts');
  const location = `if ($uri != /large) { return 200 "${KILOBYTE}"; } root {dir};`;
  return startNginx(nginx, { location, files: { large: TEN_MEGABYTES } });
}
