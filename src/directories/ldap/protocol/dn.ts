/** Distinguished names (RFC 4514): as parts that can be compared. Linear in the length. */

/** Longest DN that is read, in characters. */
const MAX_DN = 8192;

/** One part: `CN=Staff` is `{ key: 'cn', value: 'Staff' }`. */
export interface RelativeName {
  readonly key: string;
  readonly value: string;
}

/** The parts, innermost first; null if it is no DN, or if a part has several attributes (`a=1+b=2`). */
export function parseDn(text: string): readonly RelativeName[] | null {
  if (text.length > MAX_DN) return null;
  const parts: RelativeName[] = [];
  for (const part of splitParts(text)) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals).trim().toLowerCase();
    const value = equals < 1 ? null : unescaped(part.slice(equals + 1));
    if (value === null || key === '') return null;
    parts.push({ key, value });
  }
  return parts;
}

/** Whether a DN is below another one, or the same. Case of values is ignored, as servers do. */
export function isBelow(parts: readonly RelativeName[], base: readonly RelativeName[]): boolean {
  const offset = parts.length - base.length;
  return (
    offset >= 0 &&
    base.every(({ key, value }, index) => {
      const part = parts[offset + index];
      return part?.key === key && part.value.toLowerCase() === value.toLowerCase();
    })
  );
}

/** Cut at commas that are not escaped. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The value behind `\,` and `\c3\a4`; null for bytes in hexadecimal (`#04…`) and several attributes. */
function unescaped(written: string): string | null {
  const text = trimmed(written);
  if (text === '' || text.startsWith('#')) return null;
  const bytes: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '+') return null;
    if (text[at] !== '\\') continue;
    bytes.push(Buffer.from(text.slice(start, at)));
    const pair = text.slice(at + 1, at + 3);
    const isPair = /^[\da-f]{2}$/i.test(pair);
    bytes.push(isPair ? Buffer.from(pair, 'hex') : Buffer.from(text.slice(at + 1, at + 2)));
    at += isPair ? 2 : 1;
    start = at + 1;
  }
  return Buffer.concat([...bytes, Buffer.from(text.slice(start))]).toString();
}

/** Without spaces around it; an escaped one at the end belongs to the value. */
function trimmed(written: string): string {
  const text = written.trim();
  let escapes = 0;
  while (text.at(-1 - escapes) === '\\') escapes += 1;
  return escapes % 2 === 1 ? `${text} ` : text;
}
