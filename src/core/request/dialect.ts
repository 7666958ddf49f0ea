/**
 * A dialect translates between the check protocol of one proxy and ours. It never decides. See
 * docs/proxies for what each proxy does with a status.
 */
import type { RawRequest } from './facts.ts';
import { isNamed, nameAt, pairCount, valueAt } from './header-pairs.ts';
import type { Refusal } from './refusal.ts';

/** A request as it arrived on our socket. */
export interface Inbound {
  readonly method: string;
  /**
   * The target as sent to our socket. For a check: the part after the dialect's prefix, at least
   * `/`.
   */
  readonly target: string;
  /** Alternating names and values as sent, latin-1. */
  readonly rawHeaders: readonly string[];
  /** A header by lower-case name, latin-1: its value, null, or REPEATED. */
  readonly header: (name: string) => string | null | typeof REPEATED;
  /** The scheme of our own socket. */
  readonly scheme: 'http' | 'https';
  /** The canonical address of the peer on our socket. */
  readonly peer: string;
  /** Whether the peer may report another client's request. */
  readonly trusted: boolean;
  /** Whether an address belongs to a trusted proxy, for evaluating X-Forwarded-For. */
  readonly isTrusted: (address: string) => boolean;
  /**
   * The canonical client address as reported by a trusted peer: in the header that the operator
   * chose, or the rightmost X-Forwarded-For hop that is not a trusted proxy. Null without
   * X-Forwarded-For, and for other peers.
   */
  readonly forwardedFor: string | null | Refusal;
}

/** What the client must do next. Each dialect expresses it for its proxy. */
export type Reply =
  /** Proceed. `headers` contains every identity header, including empty ones, as a flat list. */
  | { readonly kind: 'allow'; readonly headers: readonly string[] }
  /** A navigation that must go to another URL first. */
  | {
      readonly kind: 'redirect';
      /** 307: the browser repeats the request with its body, within one origin. Only in proxy mode. */
      readonly status: 302 | 303 | 307;
      readonly to: string;
      /** Set-Cookie values to send along. */
      readonly cookies?: readonly string[];
    }
  /** A request that needs a sign-in and cannot be redirected there: 401 with JSON, or a page in a frame. */
  | {
      readonly kind: 'unauthorized';
      readonly loginUrl: string;
      /** A flat list of what the body needs, or scripts of other origins; left out: nothing. */
      readonly headers?: readonly string[];
      readonly body: Body;
      /** Set-Cookie values to send along. */
      readonly cookies?: readonly string[];
    }
  /** The answer to a preflight: 204. Only where `Dialect.answersPreflights`. */
  | { readonly kind: 'preflight'; readonly headers: readonly string[] }
  /** `headers` is a flat list of what the body or status needs, such as Retry-After or CSP. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: Body;
    };

/** A body with its media type. */
export interface Body {
  readonly type: string;
  readonly text: string;
}

/** A reply as HTTP. The gate adds the request id and caching headers. */
export interface HttpReply {
  readonly status: number;
  /** Alternating names and values, latin-1. */
  readonly headers: readonly string[];
  readonly body: Body | null;
}

/** The check protocol of one proxy. */
export interface Dialect {
  /** The last segment of its check path. */
  readonly name: string;
  /**
   * Lower-case names of the headers in which this dialect reports the original request. Headers of
   * another dialect are refused beside them.
   */
  readonly speaks: readonly string[];
  /**
   * Whether the proxy passes our whole reply to the client, so that it can contain pages and
   * cookies.
   */
  readonly passesWhole: boolean;
  /**
   * Whether the proxy can replace the client's `Cookie` field with the one of an allow. Every allow
   * then contains the client's cookies without ours, so that no app sees a session cookie.
   */
  readonly takesCookie: boolean;
  /**
   * Whether the proxy asks with the Host of the original request. If not, a check whose Host is an
   * app's is a browser's own request, which a proxy has passed on to us.
   */
  readonly keepsHost: boolean;
  /**
   * Whether the answer to a preflight reaches the browser. Not where the proxy takes every 2xx for an
   * allow: it would send the preflight to the app.
   */
  readonly answersPreflights: boolean;
  /**
   * Whether the original target follows our prefix (Envoy). If not, nothing may follow the prefix.
   */
  readonly carriesTarget: boolean;
  /**
   * Whether the check path may end with a query, in which the proxy adds what its fixed headers do
   * not say (ingress-nginx). `read` refuses a query that it does not know.
   */
  readonly takesQuery: boolean;
  /**
   * Reads the original request, or returns why it cannot be read. Called for trusted peers only.
   */
  read(inbound: Inbound): RawRequest | Refusal;
  reply(reply: Reply): HttpReply;
}

/** Marks a header that was sent more than once although only one is allowed. */
export const REPEATED = Symbol('repeated');

/** A header from a raw list by lower-case name: its value, null, or REPEATED. */
export function oneHeader(raw: readonly string[], name: string): string | null | typeof REPEATED {
  let found: string | null = null;
  for (let i = 0; i < pairCount(raw); i += 1) {
    if (!isNamed(nameAt(raw, i), name)) continue;
    if (found !== null) return REPEATED;
    found = valueAt(raw, i);
  }
  return found;
}
