/**
 * A proxy of which there is only a recording. For the bytes of a client it sends Doorward what the
 * real one sent, byte for byte, and does with the verdict what the real one does: an allow sends what
 * was recorded on to the app, with the fields that the proxy takes from the reply; all other replies
 * go to the client.
 */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { parse } from 'yaml';
import { readCheckResponse } from '../check-messages.ts';
import type { Destinations, FrontPlace } from '../fronts.ts';
import type { Program } from '../program.ts';
import { messageOf } from './message-lines.ts';
import { isCheck, isOfBrowser, placeholders, type Ports, type Sent, type Tape } from './tape.ts';

/** Name and value. */
type Field = readonly [string, string];

/** Doorward's reply to a check. */
interface Reply {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: string;
  /** Names that an allow takes out of the request. */
  readonly removed: readonly string[];
}

/** What one play needs. */
interface Stage {
  readonly client: Socket;
  readonly destinations: Destinations;
  readonly taking: Taking;
}

/** What a proxy takes from an allow. */
interface Taking {
  /** Names, by the check; null: all in the reply. */
  readonly names: (check: Sent) => readonly string[] | null;
  /** Whether the client's own fields stay where the reply has none of that name. */
  readonly keeps: boolean;
  readonly allows: (status: number) => boolean;
}

/** Plays a recording. `missing` receives the start of each request that it does not have. */
export async function startPlayer(
  tape: Tape,
  place: FrontPlace,
  { destinations, missing }: { readonly destinations: Destinations; readonly missing: string[] },
): Promise<Pick<Program, 'output' | 'stop'>> {
  const known = new Map(tape.exchanges.map((one) => [one.client.join('\r\n'), one]));
  const taking = takingOf(place.text);
  const ports: Ports = [...Object.entries(destinations.ports), ['port', place.port]];
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    let bytes = '';
    let isTaken = false;
    client.on('data', (chunk: Buffer) => {
      if (isTaken) return;
      bytes += chunk.toString('latin1');
      if (isOfBrowser(bytes, place.port)) {
        isTaken = true;
        return passOn(client, chunk, destinations.ports.doorward);
      }
      const { put, fill } = placeholders(bytes, ports);
      const exchange = known.get(put(bytes));
      // What is written at once arrives at once, unless it is longer than one read.
      if (exchange === undefined && chunk.length >= READ) return;
      isTaken = true;
      if (exchange === undefined) {
        missing.push(bytes.slice(0, 200));
        return void client.destroy();
      }
      const sent = exchange.sent.map((one) => ({ ...one, lines: one.lines.map(fill) }));
      play({ client, destinations, taking }, sent).then(
        () => client.end(),
        (fault: Error) => {
          missing.push(`${fault.message}: ${bytes.slice(0, 200)}`);
          client.destroy();
        },
      );
    });
  });
  server.listen(place.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    output: () => '',
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Bytes of one read of a socket, at most. */
const READ = 65_536;

/** Sends a browser's request to Doorward, with the fields that may name its address. */
function passOn(client: Socket, first: Buffer, port: number): void {
  const far = connect(port, '127.0.0.1');
  far.on('error', () => client.destroy());
  const named = 'X-Real-IP: 127.0.0.1\r\nCF-Connecting-IP: 127.0.0.1\r\n';
  const start = first.indexOf('\n') + 1;
  far.write(Buffer.concat([first.subarray(0, start), Buffer.from(named), first.subarray(start)]));
  client.pipe(far);
  far.pipe(client);
}

/**
 * By its file: Traefik's middlewares and Envoy's filter over HTTP list names. Those of any middleware
 * are taken: a client's own fields of these names end before it, and a reply has only the route's. The
 * exception is Authorization, which only the middlewares of some routers take.
 */
function takingOf(text: string): Taking {
  const tree = parse(text) as object;
  const listed = found(tree, 'authResponseHeaders') as (readonly string[])[];
  if (listed.length > 0) {
    const all = [...new Set(listed.flat())];
    const usual = all.filter((name) => name !== 'Authorization');
    const rules = rulesWithAuthorization(tree as TraefikFile);
    const names: Taking['names'] = (check) => {
      const [, host = ''] = fieldsOf(check).find(([name]) => name === 'X-Forwarded-Host') ?? [];
      return rules.some((rule) => rule.includes(`Host(\`${host}\`)`)) ? all : usual;
    };
    return { names, keeps: false, allows: (status) => status >= 200 && status < 300 };
  }
  const [allowed] = found(tree, 'allowed_upstream_headers') as {
    readonly patterns: readonly { readonly exact: string }[];
  }[];
  const names = allowed?.patterns.map(({ exact }) => exact) ?? null;
  return { names: () => names, keeps: true, allows: (status) => status === 200 };
}

/** What is read of Traefik's file. */
interface TraefikFile {
  readonly http: {
    readonly routers: Readonly<
      Record<string, { readonly rule: string; readonly middlewares: readonly string[] }>
    >;
    readonly middlewares: Readonly<Record<string, object>>;
  };
}

/** The rules of Traefik's routers that take Authorization from a reply. */
function rulesWithAuthorization({ http }: TraefikFile): readonly string[] {
  const takes = (name: string): boolean =>
    found(http.middlewares[name] ?? {}, 'authResponseHeaders')
      .flat()
      .includes('Authorization');
  return Object.values(http.routers)
    .filter(({ middlewares }) => middlewares.some(takes))
    .map(({ rule }) => rule);
}

/** All values of a key in a tree. */
function found(tree: object, key: string): readonly unknown[] {
  return Object.entries(tree).flatMap(([name, inner]: [string, unknown]) => {
    if (name === key) return [inner];
    return typeof inner === 'object' && inner !== null ? found(inner, key) : [];
  });
}

/** Everything that one client's bytes led to, in order. */
async function play(stage: Stage, parts: readonly Sent[]): Promise<void> {
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] as Sent;
    if (part.to === 'client') stage.client.write(part.lines.join('\r\n'), 'latin1');
    else if (!isCheck(part)) await relay(stage, part);
    else at += await decide(stage, part, parts[at + 1]);
  }
}

/** Asks, and does what the verdict says with what followed. Returns how much of that is done. */
async function decide(stage: Stage, part: Sent, next: Sent | undefined): Promise<number> {
  const { allows } = stage.taking;
  const reply = await ask(stage, part);
  // The proxy found a fault in the request before it had the verdict.
  if (part.status === 0) return 0;
  const isForwarded = allows(part.status) && next !== undefined && !isCheck(next);
  if (!allows(reply.status)) stage.client.write(shown(reply), 'latin1');
  else if (!allows(part.status))
    throw new Error(`allowed, but ${part.status} when it was recorded`);
  else if (isForwarded) await goOn(stage, { part, next, reply });
  return isForwarded ? 1 : 0;
}

/** After an allow: to the app, or to the fault that the proxy found then. */
async function goOn(stage: Stage, allowed: Allowed): Promise<void> {
  const { next } = allowed;
  if (next.to === 'client') stage.client.write(next.lines.join('\r\n'), 'latin1');
  else await relay(stage, { ...next, lines: forwarded(stage, allowed) });
}

async function ask({ destinations }: Stage, { to, lines }: Sent): Promise<Reply> {
  if (to === 'grpc') return askByMessage(destinations.grpc, messageOf(lines));
  const bytes = lines.join('\r\n');
  let raw = '';
  await converse(
    connect(destinations.ports.doorward, '127.0.0.1'),
    bytes,
    (chunk) => (raw += chunk),
  );
  const end = raw.indexOf('\r\n\r\n');
  const [line = '', ...rest] = raw.slice(0, end).split('\r\n');
  const fields = rest.map(pairOf);
  const status = Number(line.split(' ')[1]);
  const removed = fields.filter(([name]) => /^x-envoy-auth-headers-to-remove$/i.test(name));
  return {
    status,
    fields,
    body: raw.slice(end + 4),
    removed: removed.flatMap(([, names]) => names.split(/[\s,]+/)),
  };
}

function pairOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** One call, as Envoy makes it. */
async function askByMessage(socket: string, message: Buffer): Promise<Reply> {
  const session = connectHttp2('http://doorward', { createConnection: () => connect(socket) });
  try {
    const call = session.request({
      ':method': 'POST',
      ':path': '/envoy.service.auth.v3.Authorization/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    call.end(Buffer.concat([prefix, message]));
    const chunks: Buffer[] = [];
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(call, 'end');
    const bytes = Buffer.concat(chunks).subarray(5);
    // Envoy's reply to a call that fails (status_on_error).
    if (bytes.length === 0) return { status: 503, fields: [], body: '', removed: [] };
    const { status, headers, body, removed } = readCheckResponse(bytes);
    const fields = Object.entries(headers).flatMap(([name, values]) =>
      values.split('|').map((value) => [name, value] as const),
    );
    return { status, fields, body, removed };
  } finally {
    session.destroy();
  }
}

/** Of one connection only (RFC 9110 §7.6.1), or of the body's framing. */
const OF_CONNECTION = /^(?:connection|keep-alive|transfer-encoding|content-length)$/i;

function shown({ status, fields, body }: Reply): string {
  const lines = fields
    .filter(([name]) => !OF_CONNECTION.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Recorded\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
}

interface Allowed {
  readonly part: Sent;
  readonly next: Sent;
  readonly reply: Reply;
}

/**
 * The request that was sent to the app, with the fields of this reply. Of a name that the reply lacks,
 * Traefik leaves none, and Envoy what the client sent, unless it is to be removed.
 */
function forwarded({ taking }: Stage, { part, next, reply }: Allowed): readonly string[] {
  const removed = reply.removed.map((name) => name.toLowerCase());
  const listed = taking.names(part) ?? reply.fields.map(([name]) => name);
  const taken = new Set([...listed.map((name) => name.toLowerCase()), ...removed]);
  const isTaken = ([name]: Field): boolean => taken.has(name.toLowerCase());
  const given = reply.fields.filter(isTaken);
  const gone = new Set([...removed, ...given.map(([name]) => name.toLowerCase())]);
  const own = taking.keeps ? fieldsOf(part).filter(isTaken) : [];
  const end = next.lines.indexOf('');
  const [line = '', ...head] = next.lines.slice(0, end);
  const fields = [
    ...head.map(pairOf).filter((field) => !isTaken(field)),
    ...own.filter(([name]) => !gone.has(name.toLowerCase())),
    ...given,
  ];
  const text = fields.map(([name, value]) => `${name}: ${value}`);
  return [line, ...text, ...next.lines.slice(end)];
}

/** Of the client, as the check reports them. */
function fieldsOf({ to, lines }: Sent): readonly Field[] {
  if (to !== 'grpc') return lines.slice(1, lines.indexOf('')).map(pairOf);
  return lines.flatMap((line) => {
    const [, name, value] = /^1\.4\.2\.13\.1:1=(".*") 3=(".*")$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    return [[JSON.parse(name) as string, JSON.parse(value) as string] as const];
  });
}

/** Sends bytes on, and their answer to the client. Where the proxy waited for none, neither does this. */
async function relay({ client, destinations }: Stage, { to, status, lines }: Sent): Promise<void> {
  const port = destinations.ports[to];
  if (port === undefined) throw new Error(`no app is named ${to}`);
  const far = connect(port, '127.0.0.1');
  const leave = (): void => void far.destroy();
  client.once('end', leave);
  client.once('close', leave);
  if (status === 0) far.end(lines.join('\r\n'), 'latin1');
  else await converse(far, lines.join('\r\n'), (chunk) => client.write(chunk, 'latin1'), client);
}

/** Sends bytes, and hears one answer to its end; after a 101, everything on both ways. */
async function converse(
  far: Socket,
  bytes: string,
  hear: (chunk: string) => void,
  client?: Socket,
): Promise<void> {
  far.setEncoding('latin1');
  far.on('error', () => far.destroy());
  let raw = '';
  const isHead = bytes.startsWith('HEAD ');
  far.on('data', (chunk: string) => {
    const isFirst = raw === '';
    raw += chunk;
    hear(chunk);
    if (isFirst && raw.startsWith('HTTP/1.1 101')) client?.pipe(far);
    if (isWhole(raw, isHead)) far.destroy();
  });
  far.on('end', () => far.destroy());
  far.write(bytes, 'latin1');
  await once(far, 'close');
}

/** Whether an answer has ended. One without a length ends with its connection. */
export function isWhole(raw: string, isHead: boolean): boolean {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = raw.slice(0, end + 2);
  const status = Number(head.slice(9, 12));
  if (status < 200) return status !== 101 && isWhole(raw.slice(end + 4), isHead);
  if (isHead || status === 204 || status === 304) return true;
  const body = raw.slice(end + 4);
  if (/^transfer-encoding: *chunked\r$/im.test(head)) return body.endsWith('0\r\n\r\n');
  const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}
