/**
 * A CheckRequest of gRPC as lines of text, one for each field or small message, and back to the same
 * bytes: so that recordings can be read, and have tickets of another length.
 */
import { delimited, number } from '../../../src/grpc/wire.ts';

/** Paths of fields that are messages (external_auth.proto, attribute_context.proto). */
const MESSAGES = new Set([
  '1',
  ...['1.1', '1.2'].flatMap((peer) => [peer, `${peer}.1`, `${peer}.1.1`]),
  '1.4',
  '1.4.1',
  '1.4.2',
  '1.4.2.3',
  '1.4.2.13',
  '1.4.2.13.1',
  '1.11',
  '1.13',
]);

interface Field {
  readonly field: number;
  readonly value: number | Buffer;
}

/** The lines of a message. Throws on a field that they could not restore. */
export function linesOfMessage(bytes: Buffer): readonly string[] {
  const lines = linesOf(bytes, '');
  if (!messageOf(lines).equals(bytes)) throw new Error('a message that is not restored exactly');
  return lines;
}

/** The message of such lines. */
export function messageOf(lines: readonly string[]): Buffer {
  return build(
    lines.map((line) => {
      const [, path = '', kind = '', rest = ''] = /^([\d.]+)([:=])(.*)$/s.exec(line) ?? [];
      return { path: path.split('.').map(Number), kind, rest };
    }),
    0,
  );
}

function linesOf(bytes: Buffer, path: string): string[] {
  return fieldsOf(bytes).flatMap(({ field, value }) => {
    const at = path === '' ? String(field) : `${path}.${field}`;
    if (typeof value === 'number' || !MESSAGES.has(at)) return [`${at}=${shown(value)}`];
    const inner = fieldsOf(value);
    if (inner.some((one) => MESSAGES.has(`${at}.${one.field}`))) return linesOf(value, at);
    return [`${at}:${inner.map((one) => `${one.field}=${shown(one.value)}`).join(' ')}`];
  });
}

interface Line {
  readonly path: readonly number[];
  readonly kind: string;
  readonly rest: string;
}

/** Fields of one message: lines with the same number at `depth` that go deeper are one message. */
function build(lines: readonly Line[], depth: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < lines.length; ) {
    const { path, kind, rest } = lines[at] as Line;
    const field = path[depth] as number;
    let end = at + 1;
    if (path.length > depth + 1) {
      while (end < lines.length && isInside(lines[end] as Line, field, depth)) end += 1;
      parts.push(delimited(field, build(lines.slice(at, end), depth + 1)));
    } else parts.push(kind === '=' ? encoded(field, rest) : delimited(field, small(rest)));
    at = end;
  }
  return Buffer.concat(parts);
}

function isInside({ path }: Line, field: number, depth: number): boolean {
  return path[depth] === field && path.length > depth + 1;
}

/** A message without messages in it. */
function small(rest: string): Buffer {
  const found = [...rest.matchAll(/(\d+)=(\d+|"(?:[^"\\]|\\.)*")/g)];
  return Buffer.concat(found.map(([, field, value]) => encoded(Number(field), value as string)));
}

function encoded(field: number, text: string): Buffer {
  if (!text.startsWith('"')) return number(field, Number(text));
  return delimited(field, Buffer.from(JSON.parse(text) as string, 'latin1'));
}

function shown(value: number | Buffer): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value.toString('latin1'));
}

function fieldsOf(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at] as number;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) fields.push({ field, value });
    else {
      fields.push({ field, value: bytes.subarray(at, at + value) });
      at += value;
    }
  }
  return fields;
}
