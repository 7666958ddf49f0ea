/**
 * Traefik 3 according to its source (pkg/middlewares/auth/forward.go and forwardedheaders, v3.7),
 * over the middlewares and services of an example's `dynamic.yaml`: which checks it sends, and how
 * it treats the replies. For machines without a Traefik; of the routers' rules, it reads only those
 * about Upgrade.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { parse } from 'yaml';
import type { Program } from './program.ts';

/** The parts of `dynamic.yaml` that are read. */
interface Dynamic {
  readonly http: {
    readonly routers: Readonly<Record<string, { readonly rule: string }>>;
    readonly middlewares: {
      readonly doorward: {
        readonly forwardAuth: {
          readonly address: string;
          readonly authResponseHeaders: readonly string[];
        };
      };
      readonly 'doorward-removed': Custom;
      readonly 'doorward-other-proxies': Custom;
      readonly 'doorward-spellings': Custom;
    };
    readonly services: Readonly<
      Record<
        string,
        { readonly loadBalancer: { readonly servers: readonly { readonly url: string }[] } }
      >
    >;
  };
}
interface Custom {
  readonly headers: { readonly customRequestHeaders: Readonly<Record<string, ''>> };
}

/** Name, value pairs as sent. */
type Fields = readonly (readonly [string, string])[];

/** Set by the entry point, removed from untrusted clients. */
const FORWARDED = /^x-(?:forwarded-.+|real-ip)$/i;
const HOP = /^(?:connection|keep-alive|te|trailers|transfer-encoding|upgrade)$/i;

/** Starts it on `port` over the `dynamic.yaml` in `dir`. */
export async function startTraefikStandIn(
  dir: string,
  port: number,
): Promise<Pick<Program, 'stop'>> {
  const { http } = parse(readFileSync(join(dir, 'dynamic.yaml'), 'utf8')) as Dynamic;
  const { middlewares, routers, services } = http;
  const { address, authResponseHeaders } = middlewares.doorward.forwardAuth;
  const removed = Object.keys(middlewares['doorward-removed'].headers.customRequestHeaders);
  const otherProxies = Object.keys(
    middlewares['doorward-other-proxies'].headers.customRequestHeaders,
  );
  const spellings = Object.keys(middlewares['doorward-spellings'].headers.customRequestHeaders);

  /** The routers: which service, and whether Doorward is checked first. */
  const route = (req: IncomingMessage): { url: URL; asks: boolean } | null => {
    const name = (req.headers.host ?? '').split('.', 1)[0] ?? '';
    const path = req.url ?? '/';
    const isOurs = name === 'auth' || path.startsWith('/.doorward/');
    if (path.startsWith('/.doorward/check/')) return null;
    const kind = name === 'auth' ? 'doorward-portal' : `${isOurs ? 'own' : 'app'}-${name}`;
    const refused = refusedUpgrade(routers[kind]?.rule ?? '');
    const upgrades = upgradesOf(req);
    if (upgrades.some((value) => refused.test(value))) return null;
    const isBodiless = req.method === 'GET' && req.headers['content-length'] === undefined;
    if (upgrades.some((value) => value !== '') && !isBodiless) return null;
    const service = services[isOurs ? 'doorward' : `app-${name}`];
    const url = service?.loadBalancer.servers[0]?.url;
    return url === undefined ? null : { url: new URL(url), asks: !isOurs };
  };

  const handle = async (req: IncomingMessage, out: Out): Promise<void> => {
    const found = route(req);
    if (found === null) return out.end(404, [], Buffer.from('404 page not found\n'));
    let fields = without(entered(req, port), found.asks ? removed : otherProxies);
    if (found.asks) {
      fields = without(fields, spellings);
      const answer = await ask(new URL(address), question(req, fields));
      if (answer.status < 200 || answer.status > 299) {
        const shown = answer.fields.filter(([name]) => !HOP.test(name));
        return out.end(answer.status, shown, answer.body);
      }
      const given = answer.fields.filter(([name]) => includes(authResponseHeaders, name));
      fields = [...without(fields, authResponseHeaders), ...given];
    }
    out.pass(found.url, fields);
  };

  const server = createServer((req, res) => {
    const end: Out['end'] = (status, fields, body) => {
      res.writeHead(status, fields.flat()).end(body);
    };
    const pass: Out['pass'] = (url, fields) => {
      const headers = fields.filter(([name]) => !HOP.test(name)).flat();
      const upstream = httpRequest(url, { path: req.url, method: req.method, headers });
      upstream.on('response', (answer) => {
        const shown = pairs(answer.rawHeaders).filter(([name]) => !HOP.test(name));
        res.writeHead(answer.statusCode ?? 502, shown.flat());
        answer.pipe(res);
      });
      upstream.on('error', () => end(502, [], Buffer.from('Bad Gateway')));
      req.pipe(upstream);
    };
    handle(req, { end, pass }).catch(() => end(500, [], Buffer.alloc(0)));
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    const end: Out['end'] = (status, fields, body) => {
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      socket.end(`HTTP/1.1 ${status} X\r\n${lines}Connection: close\r\n\r\n${body.toString()}`);
    };
    const pass: Out['pass'] = (url, fields) => {
      const own = [...fields.filter(([name]) => !HOP.test(name)), ['Connection', 'Upgrade']];
      const headers = [...own, ['Upgrade', upgradesOf(req)[0] ?? '']].flat();
      const upstream = httpRequest(url, { path: req.url, headers });
      upstream.on('upgrade', (answer, behind) => {
        const lines = pairs(answer.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
        behind.on('error', () => socket.destroy());
        behind.pipe(socket).pipe(behind);
      });
      upstream.on('error', () => end(502, [], Buffer.alloc(0)));
      upstream.end();
    };
    handle(req, { end, pass }).catch(() => end(500, [], Buffer.alloc(0)));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The expression by which a rule keeps upgrades from a router. */
function refusedUpgrade(rule: string): RegExp {
  const found = /!HeaderRegexp\(`Upgrade`, `([^`]+)`\)/.exec(rule)?.[1];
  if (found === undefined) throw new Error(`no router refuses upgrades: ${rule}`);
  return new RegExp(found);
}

/** What the entry point forwards of Upgrade: none of an empty one if Connection names it. */
function upgradesOf({ rawHeaders, headers }: IncomingMessage): string[] {
  const values = pairs(rawHeaders).flatMap(([name, value]) =>
    /^upgrade$/i.test(name) ? [value] : [],
  );
  return values[0] === '' && /upgrade/i.test(headers.connection ?? '') ? [] : values;
}

/** How a request ends: with a reply, or forwarded. */
interface Out {
  readonly end: (status: number, fields: Fields, body: Buffer) => void;
  readonly pass: (url: URL, fields: Fields) => void;
}

/** How the entry point treats a request of an untrusted client. */
function entered(req: IncomingMessage, port: number): Fields {
  // The entry point removes Connection and the fields it names, except for upgrades.
  const named = (req.headers.connection ?? '').split(',').map((name) => name.trim());
  const dropped = [...named.filter((name) => !/^upgrade$/i.test(name)), 'connection'];
  const kept = without(pairs(req.rawHeaders), dropped).filter(([name]) => !FORWARDED.test(name));
  const client = req.socket.remoteAddress ?? '';
  return [
    ...kept,
    ['X-Real-Ip', client],
    ['X-Forwarded-For', client],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Host', req.headers.host ?? ''],
    ['X-Forwarded-Server', 'stand-in'],
  ];
}

/** The check that Doorward receives, `trustForwardHeader: false`. */
function question(req: IncomingMessage, fields: Fields): Fields {
  const copied = without(fields, ['host', 'content-length']).filter(
    ([name]) => !HOP.test(name) && !FORWARDED.test(name),
  );
  const get = (name: string): string => fields.find(([key]) => key === name)?.[1] ?? '';
  return [
    ...copied,
    ['X-Forwarded-For', get('X-Forwarded-For')],
    ['X-Forwarded-Method', req.method ?? ''],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Port', get('X-Forwarded-Port')],
    ['X-Forwarded-Host', get('X-Forwarded-Host')],
    ['X-Forwarded-Uri', req.url ?? ''],
  ];
}

function ask(
  address: URL,
  fields: Fields,
): Promise<{ status: number; fields: Fields; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = [['Host', address.host], ...fields].flat();
    const request = httpRequest(address, { headers });
    request.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          fields: pairs(answer.rawHeaders),
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

function pairs(raw: readonly string[]): Fields {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as const] : []));
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

function without(fields: Fields, names: readonly string[]): Fields {
  return fields.filter(([name]) => !includes(names, name));
}
