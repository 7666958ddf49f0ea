/** What the scenarios of a run share: the report, the app, the state of sessions, and what is running. */
import { findBinary } from '../support/packages.ts';
import { startRedis } from '../support/redis.ts';
import type { Contender } from './measure.ts';
import { pin } from './processor.ts';
import { createReport, type Report } from './report.ts';
import { type Running, startNginx, startScript } from './servers.ts';

/** The stand of one run. */
export interface Stand {
  readonly report: Report;
  /** The binary; null if it was not found. */
  readonly nginx: string | null;
  /** The app behind every gateway. */
  readonly app: Running;
  /** The `state` of gateways. */
  readonly state: string;
  /** The same for a gateway that caches no session; null without Redis. */
  readonly blind: string | null;
  /** Pins to the measured processor, or to the other one, which the load and the app share. */
  readonly begin: <T extends Running>(starting: Promise<T>, processor?: number) => Promise<T>;
  /** Is stopped at the end. */
  readonly keep: (started: { stop(): unknown }) => void;
  stop(): Promise<void>;
}

const KILOBYTE = 'x'.repeat(1024);
const TEN_MEGABYTES = Buffer.alloc(10 * 1024 * 1024, 'x');
/** May not subscribe to changes in Redis, so its gateway caches no session. */
const BLIND = ['--user', 'blind', 'on', 'nopass', '~*', '&*', '+@all', '-client|tracking'];

/** Starts what all scenarios need. */
export async function openStand(): Promise<Stand> {
  const report = createReport();
  const nginx = findBinary('nginx');
  const started: { stop(): unknown }[] = [];
  const begin = async <T extends Running>(starting: Promise<T>, processor = 0): Promise<T> => {
    const server = await starting;
    started.push(server);
    pin(server.pid, processor);
    return server;
  };
  // This process reads the logs of gateways; it must not do so on the measured processor.
  pin(process.pid, 1);
  if (nginx === null) report.note('nginx was not found: its rows were not measured.');
  let state = 'embedded';
  let blind: string | null = null;
  if (findBinary('redis-server') === null) {
    report.note('redis-server was not found: state is embedded, no row shows a round trip.');
  } else {
    const redis = await startRedis({ args: BLIND });
    started.push(redis);
    state = redis.url;
    blind = redis.url.replace('//', '//blind:none@');
  }
  return {
    report,
    nginx,
    app: await begin(startApp(nginx), 1),
    state,
    blind,
    begin,
    keep: (one) => void started.push(one),
    async stop() {
      for (const server of started.toReversed()) await server.stop();
    },
  };
}

function startApp(nginx: string | null): Promise<Running> {
  if (nginx === null) return startScript('app.ts');
  const location = `if ($uri != /large) { return 200 "${KILOBYTE}"; } root {dir};`;
  return startNginx(nginx, { location, files: { large: TEN_MEGABYTES } });
}

/** A server that receives these requests in turn. */
export function contender(name: string, at: Running, ...requests: readonly string[]): Contender {
  return { name, pid: at.pid, port: at.port, requests };
}

/** A check as nginx asks for it, with this cookie. */
export function checkOf(cookie: string): string {
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

/** A check for a program, which sends no cookie. */
export function checkWith(field: string): string {
  return checkOf('').replace('Cookie: theme=dark; ; lang=en', `Authorization: ${field}`);
}
