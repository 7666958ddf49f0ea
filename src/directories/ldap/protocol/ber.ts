/**
 * BER as LDAP uses it (RFC 4511, section 5.1), read strictly: every length must fit exactly. The
 * server's bytes are bounded in size before they are read, and each is read a fixed number of times.
 */

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const ENUMERATED = 0x0a;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** Largest message of a server, in bytes. */
const MAX_MESSAGE = 1024 * 1024;

/** Something that is no message of an LDAP server. */
export class BadAnswer extends Error {
  readonly code = 'LDAP_BAD_ANSWER';
}

/** More than is read. Only the entries that were asked for are to blame, not the server. */
export class TooLarge extends BadAnswer {}

/** A value with its tag. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** The header of an element; null if it is not complete yet. */
function header(bytes: Buffer, at: number): { tag: number; start: number; length: number } | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return null;
  if ((tag & 0x1f) === 0x1f) throw new BadAnswer('a tag of several bytes');
  if (first < 0x80) return { tag, start: at + 2, length: first };
  const size = first & 0x7f;
  // 0 is the indefinite length, which LDAP forbids.
  if (size === 0 || size > 4) throw new BadAnswer('a length that LDAP does not allow');
  if (bytes.length < at + 2 + size) return null;
  return { tag, start: at + 2 + size, length: bytes.readUIntBE(at + 2, size) };
}

/** The elements that a content consists of, at most `most`. Throws BadAnswer or TooLarge. */
export function elementsOf(content: Buffer, most: number): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const head = header(content, at);
    const end = head === null ? Number.POSITIVE_INFINITY : head.start + head.length;
    if (head === null || end > content.length) throw new BadAnswer('a length beyond the message');
    if (elements.length === most) throw new TooLarge(`more than ${most} values in one place`);
    elements.push({ tag: head.tag, content: content.subarray(head.start, end) });
    at = end;
  }
  return elements;
}

/** Writes an element. */
export function element(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const size = content.length;
  const length = Buffer.from(
    size < 0x80 ? [size] : [0x84, size >>> 24, size >>> 16, size >>> 8, size],
  );
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

/** Writes a number of 31 bits that is not negative. */
export function numberElement(tag: number, value: number): Buffer {
  const bytes = Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
  // In as few bytes as possible (X.690, section 8.3.2).
  const first = [0, 1, 2].find((at) => bytes[at] !== 0 || (bytes[at + 1] ?? 0) > 0x7f) ?? 3;
  return element(tag, bytes.subarray(first));
}

/** Cuts a stream into messages. */
export interface Framer {
  /** The contents of the messages that are complete by now. Throws BadAnswer or TooLarge. */
  push(chunk: Buffer): readonly Buffer[];
  /** Whether a message has begun that is not complete. */
  isWithin(): boolean;
}

/** Tag, and a length of five bytes. */
const MAX_HEADER = 6;

/** A framer at the beginning of a message. */
export function createFramer(): Framer {
  let chunks: Buffer[] = [];
  let size = 0;
  /** Bytes that a message needs; 2 until its header has arrived. */
  let needed = 2;

  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      const messages: Buffer[] = [];
      // Joined only when a message is complete: otherwise small chunks would take quadratic time.
      while (size >= needed) {
        const bytes =
          chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
        const head = header(bytes, 0);
        if ((head?.tag ?? bytes[0]) !== SEQUENCE) throw new BadAnswer('no LDAP message');
        if (head !== null && head.length > MAX_MESSAGE) {
          throw new TooLarge(`a message of more than ${MAX_MESSAGE} bytes`);
        }
        const end = head === null ? Math.min(size + 1, MAX_HEADER) : head.start + head.length;
        if (head === null || size < end) {
          chunks = [bytes];
          needed = end;
          break;
        }
        messages.push(bytes.subarray(head.start, end));
        chunks = [bytes.subarray(end)];
        size -= end;
        needed = 2;
      }
      return messages;
    },
    isWithin: () => size > 0,
  };
}
