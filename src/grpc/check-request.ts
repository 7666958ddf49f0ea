/**
 * Envoy's CheckRequest (envoy/service/auth/v3/external_auth.proto and attribute_context.proto): the
 * original request, as far as a decision needs it. Read exactly or not at all.
 */
import { type Message, readMessage, type Wanted } from './wire.ts';

/** The original request as Envoy reports it. All texts are latin-1, like those of node:http. */
export interface CheckRequest {
  readonly method: string;
  /** With its query; begins with `/`. */
  readonly target: string;
  readonly authority: string;
  readonly scheme: string;
  /** The address of the client; `''` if it has none. */
  readonly client: string;
  /** Alternating names, lower case, and values. Without pseudo-headers. */
  readonly headers: readonly string[];
}

/** As on the public listener (http/server.ts, http/framing.ts). */
const MAX_HEADERS = 128;
const MAX_HEADER_BYTES = 32 * 1024;

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Anything else would end a field (RFC 9110 §5.5). */
// eslint-disable-next-line no-control-regex
const VALUE = /^[^\0\r\n]*$/;

/** Field numbers. */
const REQUEST = { attributes: 1 };
const ATTRIBUTES = { source: 1, request: 4 };
const PEER = { address: 1 };
const ADDRESS = { socket: 1 };
const SOCKET = { address: 2 };
const HTTP_OF_REQUEST = 2;
const HTTP = { method: 2, headers: 3, path: 4, host: 5, scheme: 6, headerMap: 13 };
const HEADER = { key: 1, value: 2, raw: 3 };

/** The request in a message; null if it is malformed or contradicts itself. */
export function readCheckRequest(bytes: Buffer): CheckRequest | null {
  const attributes = path(bytes, [REQUEST.attributes], {
    one: [ATTRIBUTES.source, ATTRIBUTES.request],
  });
  if (attributes === null) return null;
  const http = path(attributes.one(ATTRIBUTES.request), [HTTP_OF_REQUEST], {
    one: [HTTP.method, HTTP.path, HTTP.host, HTTP.scheme, HTTP.headerMap],
    many: [HTTP.headers],
  });
  const socket = path(attributes.one(ATTRIBUTES.source), [PEER.address, ADDRESS.socket], {
    one: [SOCKET.address],
  });
  if (http === null || socket === null) return null;
  const told = {
    method: text(http.one(HTTP.method)),
    target: text(http.one(HTTP.path)),
    authority: text(http.one(HTTP.host)),
    scheme: text(http.one(HTTP.scheme)),
  };
  // Without a target, another reader could take the check for one of `/`.
  if (!told.target.startsWith('/')) return null;
  const pairs = pairsOf(http);
  const headers = pairs === null ? null : consistent(pairs, told);
  return headers === null ? null : { ...told, client: text(socket.one(SOCKET.address)), headers };
}

/** The message at the end of a path of single fields. */
function path(bytes: Buffer, fields: readonly number[], wanted: Wanted): Message | null {
  let at: Buffer = bytes;
  for (const field of fields) {
    const message = readMessage(at, { one: [field] });
    if (message === null) return null;
    at = message.one(field);
  }
  return readMessage(at, wanted);
}

type Pair = readonly [string, string];

/** From the list (encode_raw_headers) or the map, whichever there is. */
function pairsOf(http: Message): readonly Pair[] | null {
  const list = readMessage(http.one(HTTP.headerMap), { many: [1] });
  const map = http.many(HTTP.headers);
  if (list === null) return null;
  const raw = list.many(1);
  if (raw.length > 0 && map.length > 0) return null;
  const entries = raw.length > 0 ? raw : map;
  if (entries.length > MAX_HEADERS) return null;
  const pairs: Pair[] = [];
  let size = 0;
  for (const entry of entries) {
    const pair = pairOf(entry);
    if (pair === null) return null;
    size += pair[0].length + pair[1].length;
    pairs.push(pair);
  }
  const isMap = map.length > 0;
  if (isMap && new Set(pairs.map(([name]) => name)).size < pairs.length) return null;
  return size > MAX_HEADER_BYTES ? null : pairs;
}

function pairOf(entry: Buffer): Pair | null {
  const header = readMessage(entry, { one: [HEADER.key, HEADER.value, HEADER.raw] });
  if (header === null) return null;
  const [value, raw] = [header.one(HEADER.value), header.one(HEADER.raw)];
  if (value.length > 0 && raw.length > 0) return null;
  const pair: Pair = [text(header.one(HEADER.key)), text(raw.length > 0 ? raw : value)];
  return VALUE.test(pair[1]) ? pair : null;
}

/**
 * The headers without those that repeat what the attributes say; null if one says something else.
 * Two accounts of one request are never interpreted.
 */
function consistent(
  pairs: readonly Pair[],
  told: Pick<CheckRequest, 'method' | 'target' | 'authority' | 'scheme'>,
): readonly string[] | null {
  const said: Readonly<Record<string, string>> = {
    ':method': told.method,
    ':path': told.target,
    ':authority': told.authority,
    ':scheme': told.scheme,
    host: told.authority,
    'x-forwarded-proto': told.scheme,
  };
  const flat: string[] = [];
  for (const [name, value] of pairs) {
    const same = Object.hasOwn(said, name) ? said[name] : undefined;
    if (same !== undefined) {
      if (same !== value) return null;
    } else if (NAME.test(name)) flat.push(name, value);
    else return null;
  }
  return flat;
}

function text(bytes: Buffer): string {
  return bytes.toString('latin1');
}
