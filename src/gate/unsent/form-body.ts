/**
 * Bodies of forms, parsed only if a browser would write exactly the same bytes again. Whatever is
 * ambiguous, carries a file or was not written by a browser is no form here. Linear in the body's length.
 */
import type { Form, FormField } from '../../core/access/unsent.ts';

/** Most fields of a form that is kept. */
const MOST_FIELDS = 1000;

const URL_ENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = /^multipart\/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})$/;
/** HTML, "multipart/form-data encoding algorithm": names have their quotes and line ends encoded. */
const PART =
  /^Content-Disposition: form-data; name="([^"\r\n]+)"(; filename=""\r\nContent-Type: application\/octet-stream)?\r\n\r\n/;
/** Browsers send CRLF, and HTML turns any other line end into one; NUL does not survive in a page. */
const ALTERED = /\r(?!\n)|(?<!\r)\n|\0/;

/** The form; null for anything else. */
export function parseForm(contentType: string | null, body: Buffer): Form | null {
  const fields = contentType === URL_ENCODED ? urlEncoded(body) : multipart(contentType, body);
  if (fields === null || !fields.every(isRepeatable)) return null;
  return {
    enctype: contentType === URL_ENCODED ? URL_ENCODED : 'multipart/form-data',
    fields,
  };
}

function urlEncoded(body: Buffer): readonly FormField[] | null {
  const text = body.toString('latin1');
  // Counted before they are parsed: many thousands of fields cost memory that no kept form needs.
  if (text.split('&', MOST_FIELDS + 1).length > MOST_FIELDS) return null;
  const parsed = new URLSearchParams(text);
  if (parsed.toString() !== text) return null;
  return [...parsed].map(([name, value]) => ({ name, value }));
}

function multipart(contentType: string | null, body: Buffer): readonly FormField[] | null {
  const boundary = MULTIPART.exec(contentType ?? '')?.[1];
  const text = boundary === undefined ? null : decoded(body);
  const end = `--${boundary}--\r\n`;
  if (text === null || !text.endsWith(end)) return null;
  const [before, ...parts] = text.slice(0, -end.length).split(`--${boundary}\r\n`, MOST_FIELDS + 2);
  if (before !== '' || parts.length > MOST_FIELDS) return null;
  const fields: FormField[] = [];
  for (const part of parts) {
    const head = PART.exec(part);
    if (head === null || !part.endsWith('\r\n')) return null;
    const [all, name = '', file] = head;
    const value = part.slice(all.length, -2);
    if (file !== undefined && value !== '') return null;
    fields.push({ name, value: file === undefined ? value : null });
  }
  return fields;
}

/** Null unless it is UTF-8. */
function decoded(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    // Named fallback: a form in another encoding is not kept.
    return null;
  }
}

/** Whether a hidden field of this name and value is sent as it was. `_charset_` is filled in by browsers. */
function isRepeatable({ name, value }: FormField): boolean {
  return (
    name !== '' &&
    name.toLowerCase() !== '_charset_' &&
    !ALTERED.test(name) &&
    !ALTERED.test(value ?? '')
  );
}
