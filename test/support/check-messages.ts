/** CheckRequests as Envoy writes them, and what it reads from a CheckResponse. */
import { delimited, number } from '../../src/grpc/wire.ts';
import type { Heard, Pairs } from './gate.ts';

/** The parts of a CheckRequest; each text may occur several times, which Envoy never does. */
export interface CheckParts {
  readonly method: readonly string[];
  readonly path: readonly string[];
  readonly host: readonly string[];
  readonly scheme: readonly string[];
  readonly client: readonly string[];
  readonly headers: Pairs;
}

const texts = (field: number, values: readonly string[]): Buffer =>
  Buffer.concat(values.map((value) => delimited(field, value)));

/** The message. `form`: the list of `encode_raw_headers`, or the map of older configurations. */
export function checkRequest(parts: CheckParts, form: 'list' | 'map' = 'list'): Buffer {
  const headers = parts.headers.map(([name, value]) =>
    Buffer.concat([
      delimited(1, name.toLowerCase()),
      delimited(form === 'list' ? 3 : 2, Buffer.from(value, 'latin1')),
    ]),
  );
  const http = Buffer.concat([
    delimited(1, '4711'),
    texts(2, parts.method),
    ...(form === 'map' ? headers.map((header) => delimited(3, header)) : []),
    texts(4, parts.path),
    texts(5, parts.host),
    texts(6, parts.scheme),
    number(9, 0),
    delimited(10, 'HTTP/1.1'),
    ...(form === 'list'
      ? [delimited(13, Buffer.concat(headers.map((header) => delimited(1, header))))]
      : []),
  ]);
  const socket = Buffer.concat([texts(2, parts.client), number(3, 50_000)]);
  const attributes = Buffer.concat([
    delimited(1, delimited(1, delimited(1, socket))),
    delimited(2, delimited(1, delimited(1, delimited(2, '127.0.0.1')))),
    delimited(4, Buffer.concat([delimited(1, number(1, 1_700_000_000)), delimited(2, http)])),
  ]);
  return delimited(1, attributes);
}

/** What Envoy does with a CheckResponse. */
export interface Verdict extends Heard {
  /** Names that an allow removes from the request. */
  readonly removed: readonly string[];
}

/** Reads a response as Envoy does; a status of 0, or none, allows. */
export function readCheckResponse(bytes: Buffer): Verdict {
  const fields = fieldsOf(bytes);
  const code = fieldsOf(bytesAt(fields, 1)).find(([field]) => field === 1)?.[1] ?? 0;
  const isAllowed = code === 0;
  const inner = fieldsOf(bytesAt(fields, isAllowed ? 3 : 2));
  const headers: Record<string, string> = {};
  for (const [field, option] of inner) {
    if (field !== 2) continue;
    const parts = fieldsOf(option as Buffer);
    const header = fieldsOf(bytesAt(parts, 1));
    const name = bytesAt(header, 1).toString();
    const value = bytesAt(header, 2).toString('latin1');
    const overwrites = parts.some(([part, told]) => part === 3 && told === 2);
    const before = overwrites ? undefined : headers[name];
    headers[name] = before === undefined ? value : `${before}|${value}`;
  }
  const denied = fieldsOf(bytesAt(inner, 1)).find(([field]) => field === 1)?.[1];
  return {
    status: isAllowed ? 200 : Number(denied),
    headers,
    body: isAllowed ? '' : bytesAt(inner, 3).toString(),
    removed: inner.flatMap(([field, name]) => (isAllowed && field === 5 ? [String(name)] : [])),
  };
}

type Field = readonly [number, Buffer | number];

function bytesAt(fields: readonly Field[], wanted: number): Buffer {
  const found = fields.find(([field]) => field === wanted)?.[1];
  return Buffer.isBuffer(found) ? found : Buffer.alloc(0);
}

/** A reader of its own, so that the writer is not tested with its own mistakes. */
function fieldsOf(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at] as number;
      at += 1;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 0) fields.push([tag >> 3, value]);
    else {
      fields.push([tag >> 3, bytes.subarray(at, at + value)]);
      at += value;
    }
  }
  return fields;
}
