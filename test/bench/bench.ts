/**
 * `npm run bench`: what a check and a proxied request cost beside servers that do less, in one
 * run. Prints ratios of medians; never fails on speed; says what it could not measure.
 */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { findBinary } from '../support/packages.ts';
import { type Contender, type Measured, measure, pin } from './measure.ts';
import { mintSessions } from './sessions.ts';
import { type Running, startNginx, startScript } from './servers.ts';

const KILOBYTE = 'x'.repeat(1024);
/** More sessions than a gateway remembers, so that each check is a cold one. */
const COLD_SESSIONS = 25_000;

const nginx = findBinary('nginx');
const started: Running[] = [];
const gateways: Gateway[] = [];

async function begin(running: Promise<Running>, processor = 0): Promise<Running> {
  const server = await running;
  started.push(server);
  pin(server.pid, processor);
  return server;
}

async function gatewayBefore(upstream: number): Promise<Gateway> {
  const gateway = await startGateway({
    config: () => `session: { cookie_domains: [gw.test], secrets: [${SECRET}] }
trusted_proxies: [127.0.0.1]
routes:
  - { id: app, host: app.gw.test, upstream: "http://127.0.0.1:${upstream}", policies: [{ type: user, any: [alice] }] }
`,
  });
  gateways.push(gateway);
  pin(gateway.process().pid as number, 0);
  return gateway;
}

const SECRET = randomBytes(48).toString('base64url');

function checkRequest(cookie: string): string {
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

const plain = 'GET /wiki/page?x=1 HTTP/1.1\r\nHost: app.gw.test\r\nAccept: text/html\r\n\r\n';

function contender(name: string, at: Running, requests: readonly string[] = [plain]): Contender {
  return { name, pid: at.pid, port: at.port, requests, status: 200 };
}

const rows: string[][] = [];

/** One row: how much of the yardstick's speed the measured one has. */
function row(
  what: string,
  yardstick: string,
  ours: Measured | undefined,
  theirs: Measured | undefined,
): void {
  const cell = (m: Measured | undefined): string => (m === undefined ? '–' : m.cpu.toFixed(1));
  const ratio =
    ours === undefined || theirs === undefined
      ? 'not measured'
      : (theirs.cpu / ours.cpu).toFixed(2);
  rows.push([what, yardstick, cell(ours), cell(theirs), ratio]);
}

try {
  const upstream = await begin(
    nginx === null ? startScript('bare.ts') : startNginx(nginx, `return 200 "${KILOBYTE}";`),
    1,
  );
  const gateway = await gatewayBefore(upstream.port);
  const client = new Client();
  await client.signIn(gateway.app('app'), 'alice', PASSWORD);
  const cookie = client.cookieHeader('app.gw.test');
  const own: Running = {
    pid: gateway.process().pid as number,
    port: gateway.port,
    stop: () => undefined,
  };
  const cold = await mintSessions(gateway, COLD_SESSIONS);
  const bare = await begin(startScript('bare.ts'));
  const checks = [
    contender('warm', own, [checkRequest(cookie)]),
    contender(
      'cold',
      own,
      cold.map((pair) => checkRequest(pair)),
    ),
    contender('bare', bare, [checkRequest(cookie)]),
  ];
  if (nginx !== null) {
    checks.push(
      contender('nginx', await begin(startNginx(nginx, 'return 200;')), [checkRequest(cookie)]),
    );
  }
  const check = await measure(checks);
  row('check, warm session', 'bare node:http', check.get('warm'), check.get('bare'));
  row('check, warm session', 'nginx answering by itself', check.get('warm'), check.get('nginx'));
  row('check, cold session', 'bare node:http', check.get('cold'), check.get('bare'));
  row('check, cold session', 'nginx answering by itself', check.get('cold'), check.get('nginx'));

  const proxied = [
    contender('ours', own, [plain.replace('\r\n\r\n', `\r\nCookie: ${cookie}\r\n\r\n`)]),
    contender(
      'http-proxy',
      await begin(startScript('plain-proxy.ts', `http://127.0.0.1:${upstream.port}`)),
    ),
  ];
  if (nginx !== null) {
    const location = `proxy_pass http://127.0.0.1:${upstream.port}; proxy_http_version 1.1; proxy_set_header Connection "";`;
    proxied.push(contender('nginx', await begin(startNginx(nginx, location))));
  }
  const proxy = await measure(proxied);
  row('proxy, 1 KB', 'nginx proxy_pass', proxy.get('ours'), proxy.get('nginx'));
  row('proxy, 1 KB', 'plain http-proxy', proxy.get('ours'), proxy.get('http-proxy'));
  print();
} finally {
  for (const server of started) server.stop();
  for (const gateway of gateways) await gateway.remove();
}

function print(): void {
  const head = ['what', 'yardstick', 'ours µs', 'theirs µs', 'ratio'];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  process.stdout.write(`
Node ${process.version}, ${cpus().length} processors (${cpus()[0]?.model.trim() ?? 'unknown'}).
Processor time of the server an answer, medians of interleaved rounds; ratio = theirs / ours, more is better.

${lines.join('\n')}
${nginx === null ? '\nnginx is not on PATH: its rows were not measured.\n' : ''}`);
}
