/**
 * Reads the client certificate from the header set by a proxy that terminates TLS. The supported
 * formats cannot be confused, so the format needs no option. Ambiguous, repeated or oversized
 * values are rejected. The caller decides whether to trust the header.
 */
import { X509Certificate } from 'node:crypto';

/** Maximum length of the header value, in characters. */
const MAX_VALUE = 16_384;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/**
 * Returns the certificate, or null unless the value contains exactly one complete certificate and
 * nothing else.
 */
export function certificateIn(value: string): X509Certificate | null {
  if (value.length > MAX_VALUE) return null;
  const text = textOf(value.trim());
  return text === null ? null : read(Buffer.from(text, 'base64'));
}

/** Returns the certificate's DER in base64. */
function textOf(value: string): string | null {
  // RFC 9440: a byte sequence of RFC 8941.
  if (value.startsWith(':')) return base64(/^:([^:]+):$/.exec(value)?.[1] ?? '');
  // nginx, $ssl_client_escaped_cert: percent-encoded PEM.
  if (value.startsWith('-----BEGIN')) return pemBody(value);
  // Envoy, X-Forwarded-Client-Cert: one element of key-value pairs per hop.
  if (/^[A-Za-z]+=[^=]/.test(value)) return forwardedCert(value);
  // Traefik, HAProxy, Caddy: base64, the client's certificate first, then the rest of its chain.
  const [own = ''] = (unescaped(value) ?? '').split(',');
  return base64(own);
}

function pemBody(escaped: string): string | null {
  const body = PEM.exec(unescaped(escaped) ?? '')?.[1];
  return body === undefined ? null : base64(body.replace(/\s/g, ''));
}

/**
 * Returns the only `Cert` of the only element. A list could include elements written by an earlier
 * hop or by the client.
 */
function forwardedCert(value: string): string | null {
  const pairs = split(value, ';');
  if (pairs === null || split(value, ',')?.length !== 1) return null;
  const certs = pairs.flatMap((pair) => {
    const [, key = '', cert = ''] = /^\s*([A-Za-z]+)=(.*)$/s.exec(pair) ?? [];
    return key.toLowerCase() === 'cert' ? [cert] : [];
  });
  const [only] = certs;
  if (certs.length !== 1 || only === undefined) return null;
  return pemBody(only.replace(/^"(.*)"$/s, '$1'));
}

/** Splits at separators outside quotes; null if a quote is not closed. */
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
    // Named fallback: invalid percent-encoding is not a certificate.
    return null;
  }
}

function read(der: Buffer): X509Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    // Trailing bytes were not parsed, so they must not be accepted.
    return certificate.raw.length === der.length ? certificate : null;
  } catch {
    // Named fallback: the bytes are not a certificate.
    return null;
  }
}
