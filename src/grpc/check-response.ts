/**
 * Envoy's CheckResponse. Envoy reads a message without a status as an allow, so a message is written
 * whole or not at all, and the status comes first.
 */
import { isUtf8 } from 'node:buffer';
import type { HttpReply } from '../core/request/dialect.ts';
import { pairsOf } from '../core/request/header-pairs.ts';
import { replyFields } from '../gate/reply/send-reply.ts';
import { delimited, number } from './wire.ts';

/** Field numbers. */
const RESPONSE = { status: 1, denied: 2, ok: 3 };
const STATUS = { code: 1 };
const DENIED = { status: 1, headers: 2, body: 3 };
const OK = { headers: 2, headersToRemove: 5 };
const HTTP_STATUS = { code: 1 };
const OPTION = { header: 1, action: 3, keepsEmpty: 4 };
const HEADER = { key: 1, value: 2 };

const OVERWRITE = 2;
/** google.rpc.Code: any but 0 refuses. */
const PERMISSION_DENIED = 7;

/** A reply of the dialect as a message. `isHead`: the client expects no body. */
export function checkResponse(
  reply: HttpReply,
  requestId: string,
  { isHead }: { readonly isHead: boolean },
): Buffer {
  if (reply.status === 200) return allowed(reply, requestId);
  return denied(
    reply.status,
    replyFields(reply, requestId),
    isHead ? '' : (reply.body?.text ?? ''),
  );
}

function allowed({ headers }: HttpReply, requestId: string): Buffer {
  const set: Buffer[] = [];
  const removed: string[] = [];
  for (const [name, value] of pairsOf([...headers, 'X-Request-Id', requestId])) {
    const lower = name.toLowerCase();
    if (lower === 'x-envoy-auth-headers-to-remove') removed.push(value);
    else if (lower !== 'cookie') set.push(overwritten(lower, value));
    else {
      const cookie = utf8Cookies(value);
      if (cookie === '') removed.push('cookie');
      else set.push(overwritten('cookie', cookie));
    }
  }
  return Buffer.concat([
    delimited(RESPONSE.status, number(STATUS.code, 0)),
    delimited(
      RESPONSE.ok,
      Buffer.concat([
        ...set.map((option) => delimited(OK.headers, option)),
        ...removed.map((name) => delimited(OK.headersToRemove, name)),
      ]),
    ),
  ]);
}

function denied(status: number, flat: readonly string[], body: string): Buffer {
  const fields = [...pairsOf(flat)].map(([name, value]) => {
    const lower = name.toLowerCase();
    return REPEATED.has(lower) ? headerOption(lower, value) : overwritten(lower, value);
  });
  return Buffer.concat([
    delimited(RESPONSE.status, number(STATUS.code, PERMISSION_DENIED)),
    delimited(
      RESPONSE.denied,
      Buffer.concat([
        delimited(DENIED.status, number(HTTP_STATUS.code, status)),
        ...fields.map((option) => delimited(DENIED.headers, option)),
        delimited(DENIED.body, body),
      ]),
    ),
  ]);
}

/** Fields of which a reply can have several. */
const REPEATED: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate']);

/** Replaces a field, also with an empty value. */
function overwritten(name: string, value: string): Buffer {
  return Buffer.concat([headerOption(name, value), number(OPTION.action, OVERWRITE)]);
}

/** Adds a field beside others of its name. */
function headerOption(name: string, value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  // A text of this format is UTF-8; Envoy discards the whole message otherwise.
  if (!isUtf8(bytes)) throw new TypeError(`the value of ${name} is not UTF-8`);
  const header = Buffer.concat([delimited(HEADER.key, name), delimited(HEADER.value, bytes)]);
  return Buffer.concat([delimited(OPTION.header, header), number(OPTION.keepsEmpty, 1)]);
}

/** The cookies that the format can carry. */
function utf8Cookies(value: string): string {
  const pairs = value.split(';').filter((pair) => isUtf8(Buffer.from(pair, 'latin1')));
  return pairs.join(';').trim();
}
