/**
 * The client's certificate out of the header in which a proxy that ends TLS passes it on. Each way
 * of writing it looks like no other, so that none need be named; what is ambiguous, several or too
 * large is none. Whether the header may be believed at all is decided elsewhere.
 */
import { X509Certificate } from 'node:crypto';

/** Longest header value that is looked at, in characters. */
const MAX_VALUE = 16_384;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/** The certificate; null for anything that is not exactly one, whole, and nothing beside it. */
export function certificateIn(value: string): X509Certificate | null {
  if (value.length > MAX_VALUE) return null;
  const text = textOf(value.trim());
  return text === null ? null : read(Buffer.from(text, 'base64'));
}

/** Base64 of its DER. */
function textOf(value: string): string | null {
  // RFC 9440: a byte sequence of RFC 8941.
  if (value.startsWith(':')) return base64(/^:([^:]+):$/.exec(value)?.[1] ?? '');
  // nginx, $ssl_client_escaped_cert: PEM with everything odd escaped.
  if (value.startsWith('-----BEGIN')) return pemBody(value);
  // Envoy, X-Forwarded-Client-Cert: one element a hop, of pairs.
  if (/^[A-Za-z]+=[^=]/.test(value)) return forwardedCert(value);
  // Traefik, HAProxy, Caddy: base64, the client's own before those it sent along.
  const [own = ''] = (unescaped(value) ?? '').split(',');
  return base64(own);
}

function pemBody(escaped: string): string | null {
  const body = PEM.exec(unescaped(escaped) ?? '')?.[1];
  return body === undefined ? null : base64(body.replace(/\s/g, ''));
}

/** The one `Cert` of the one element; a list would hold what an earlier hop, or the client, has written. */
function forwardedCert(value: string): string | null {
  const pairs = split(value, ';');
  if (pairs === null || split(value, ',')?.length !== 1) return null;
  const certs = pairs.flatMap((pair) => {
    const [, key = '', said = ''] = /^\s*([A-Za-z]+)=(.*)$/s.exec(pair) ?? [];
    return key.toLowerCase() === 'cert' ? [said] : [];
  });
  const [only] = certs;
  if (certs.length !== 1 || only === undefined) return null;
  return pemBody(only.replace(/^"(.*)"$/s, '$1'));
}

/** Parts between separators outside of quotes; null when a quote is left open. */
function split(text: string, separator: string): readonly string[] | null {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (isQuoted && char === '\\') {
      part += char + text.charAt((i += 1));
    } else if (char === separator && !isQuoted) {
      parts.push(part);
      part = '';
    } else {
      if (char === '"') isQuoted = !isQuoted;
      part += char;
    }
  }
  return isQuoted ? null : [...parts, part];
}

function base64(text: string): string | null {
  return text.length % 4 === 0 && BASE64.test(text) ? text : null;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Named fallback: what is escaped wrongly is no certificate.
    return null;
  }
}

function read(der: Buffer): X509Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    // What stands behind it was not read, and is not to be believed either.
    return certificate.raw.length === der.length ? certificate : null;
  } catch {
    // Named fallback: bytes that are no certificate are none.
    return null;
  }
}
