/**
 * Refuses requests whose end two parsers could see in different places (RFC 9112 §6, CVE-2026-29057
 * and similar). Stricter than node's own parser; runs before anything else reads the request.
 */
import type { IncomingMessage } from 'node:http';
import { nameAt, pairCount, valueAt } from '../core/request/header-pairs.ts';
import { type Refusal, refuse } from '../core/request/refusal.ts';

/** Most header lines a request may have. */
const MAX_HEADERS = 128;

const LENGTH = /^(?:0|[1-9][0-9]{0,15})$/;

/** Null when the framing is plain, otherwise the refusal; the connection must then be closed. */
export function refuseFraming(request: IncomingMessage): Refusal | null {
  if (request.httpVersionMajor !== 1) return refuse(400, 'request/version', 'speak HTTP/1.1');
  const raw = request.rawHeaders;
  if (raw.length > MAX_HEADERS * 2) {
    return refuse(400, 'request/headers', `a request may have ${MAX_HEADERS} header lines`);
  }
  let lengths = 0;
  let codings = 0;
  let hosts = 0;
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i);
    // All names that matter here have 4, 14 or 17 characters in any spelling.
    if (name.length !== 4 && name.length !== 14 && name.length !== 17) continue;
    const lower = name.toLowerCase();
    if (lower === 'host') {
      hosts += 1;
      continue;
    }
    const value = valueAt(raw, i);
    switch (lower.replaceAll('_', '-')) {
      case 'content-length':
        lengths += 1;
        if (lower !== 'content-length' || !LENGTH.test(value)) return unclear();
        break;
      case 'transfer-encoding':
        codings += 1;
        if (lower !== 'transfer-encoding' || value.toLowerCase() !== 'chunked') return unclear();
        break;
      default:
    }
  }
  if (hosts !== 1) return refuse(400, 'host/missing', 'send exactly one Host header');
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) return unclear();
  if (codings > 0 && request.httpVersionMinor === 0) return unclear();
  return null;
}

function unclear(): Refusal {
  return refuse(
    400,
    'request/framing',
    'send exactly one Content-Length, or Transfer-Encoding: chunked, and not both',
  );
}
