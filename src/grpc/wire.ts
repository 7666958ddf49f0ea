/**
 * Protocol Buffers as far as a check needs them: messages of nested messages, texts and small
 * numbers. Stricter than the format: a field that may occur once and occurs twice is malformed,
 * since readers may keep the first, keep the last, or merge both.
 */

/** How fields are encoded (Protocol Buffers, "Message structure"). */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** The wanted fields of one message. Missing ones are empty, as the format defines. */
export interface Message {
  /** The bytes of a field that occurs once at most. */
  readonly one: (field: number) => Buffer;
  /** The bytes of each occurrence of a repeated field. */
  readonly many: (field: number) => readonly Buffer[];
}

/** The fields to read. Others are skipped: Envoy adds some with each version. */
export interface Wanted {
  readonly one?: readonly number[];
  readonly many?: readonly number[];
}

const EMPTY = Buffer.alloc(0);
const NONE: readonly Buffer[] = [];

/** Reads a message whose wanted fields are all length-delimited, or null if it is malformed. */
export function readMessage(bytes: Buffer, { one = [], many = [] }: Wanted): Message | null {
  const found = new Map<number, Buffer[]>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === null) return null;
    const field = Math.floor(tag.value / 8);
    const kind = tag.value % 8;
    const isOne = one.includes(field);
    const isWanted = isOne || many.includes(field);
    const content = contentAt(bytes, tag.end, kind);
    if (field === 0 || content === null || (isWanted && kind !== DELIMITED)) return null;
    at = content.end;
    if (!isWanted) continue;
    const before = found.get(field);
    if (before === undefined) found.set(field, [content.bytes]);
    else if (isOne) return null;
    else before.push(content.bytes);
  }
  return {
    one: (field) => found.get(field)?.[0] ?? EMPTY,
    many: (field) => found.get(field) ?? NONE,
  };
}

interface Content {
  readonly bytes: Buffer;
  readonly end: number;
}

/** The content after a tag; null if it is cut off or of a form that no current encoder writes. */
function contentAt(bytes: Buffer, from: number, kind: number): Content | null {
  let start = from;
  let end: number;
  if (kind === VARINT) {
    end = endOfVarint(bytes, from);
  } else if (kind === DELIMITED) {
    const length = readVarint(bytes, from);
    if (length === null) return null;
    start = length.end;
    end = start + length.value;
  } else if (kind === FIXED64 || kind === FIXED32) {
    end = from + (kind === FIXED64 ? 8 : 4);
  } else {
    return null;
  }
  if (end < 0 || end > bytes.length) return null;
  return { bytes: bytes.subarray(start, end), end };
}

/** A tag or a length, which have 32 bits; null if it is longer or cut off. */
function readVarint(bytes: Buffer, from: number): { value: number; end: number } | null {
  const end = endOfVarint(bytes, from);
  if (end < 0 || end - from > 5) return null;
  let value = 0;
  for (let i = end - 1; i >= from; i -= 1) value = value * 128 + ((bytes[i] ?? 0) & 0x7f);
  return value <= 0xffff_ffff ? { value, end } : null;
}

/** Where a number of at most 64 bits ends; -1 if it does not. */
function endOfVarint(bytes: Buffer, from: number): number {
  for (let at = from; at < from + 10 && at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) < 0x80) return at + 1;
  }
  return -1;
}

/** A field with a nested message or a text. */
export function delimited(field: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([varint(field * 8 + DELIMITED), varint(bytes.length), bytes]);
}

/** A field with a number. */
export function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + VARINT), varint(value)]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest % 128) + 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Buffer.from(out);
}
