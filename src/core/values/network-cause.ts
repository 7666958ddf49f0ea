/**
 * Why an exchange with another server failed, in words that operators can search and count. For logs
 * and commands alone: visitors see the code of the problem only.
 */
import { errorCode } from './error-code.ts';
import { Problem } from './problem.ts';

/** A cause. */
export interface NetworkCause {
  /** Stable: `refused`, `dns`, `timeout`, `reset`, `tls/expired` and their kin. */
  readonly word: string;
  /** The message of the system or of TLS. */
  readonly message: string;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EADDRNOTAVAIL: 'no-ports',
  EMFILE: 'no-files',
  ENFILE: 'no-files',
  ENOENT: 'socket/missing',
  EACCES: 'socket/forbidden',
  EPERM: 'socket/forbidden',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_REFUSED_STREAM: 'answer/refused',
  ERR_HTTP2_NOT_SPOKEN: 'answer/not-http2',
  ERR_HEALTH_STATUS: 'answer/status',
  UND_ERR_HEADERS_OVERFLOW: 'answer/head-too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'answer/length',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'request/length',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls/name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls/self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls/authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls/authority',
  UNABLE_TO_GET_ISSUER_CERT: 'tls/authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls/authority',
  CERT_UNTRUSTED: 'tls/authority',
  INVALID_CA: 'tls/authority',
  INVALID_PURPOSE: 'tls/purpose',
  CERT_HAS_EXPIRED: 'tls/expired',
  CERT_NOT_YET_VALID: 'tls/not-yet-valid',
  CERT_REVOKED: 'tls/revoked',
  CERT_SIGNATURE_FAILURE: 'tls/signature',
  EPROTO: 'tls/protocol',
  LDAP_RESULT: 'answer/refused',
  LDAP_BAD_ANSWER: 'answer/not-ldap',
};

/** The cause of an error; null where there is none to name. */
export function causeOf(caught: unknown): NetworkCause | null {
  const error = firstOf(caught instanceof Problem ? caught.cause : caught);
  if (error === null) return null;
  const text = errorCode(error) ?? error.name;
  return { word: wordOf(text), message: error.message === '' ? text : error.message };
}

function wordOf(code: string): string {
  const known = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (known !== undefined) return known;
  // The app's TLS alert about our own certificate, or that it wants one.
  if (/^ERR_SSL_.*ALERT.*(?:CERTIFICATE|UNKNOWN_CA)/.test(code)) return 'tls/client-certificate';
  // node:http and undici have different codes for it.
  if (code.startsWith('HPE_') || code === 'HTTPParserError') return 'answer/not-http';
  if (/^ERR_(?:SSL|TLS|OSSL)/.test(code)) return 'tls/protocol';
  // OpenSSL's codes for certificates have no common prefix.
  if (/^[A-Z_]*(?:CERT|CRL|CHAIN|HOSTNAME)/.test(code)) return 'tls/certificate';
  return 'other';
}

/** Connecting to a name with several addresses fails with one error for each. */
function firstOf(caught: unknown): Error | null {
  if (caught instanceof AggregateError) return firstOf(caught.errors[0]) ?? caught;
  return caught instanceof Error ? caught : null;
}
