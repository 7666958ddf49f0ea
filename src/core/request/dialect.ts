/**
 * A dialect is how one proxy asks and how it understands replies. It translates and never decides. The
 * pages in docs/proxies say what each proxy does with a status.
 */
import type { RawRequest } from './facts.ts';
import { nameAt, pairCount, valueAt } from './header-pairs.ts';
import type { Refusal } from './refusal.ts';

/** A request as it arrived on our socket. */
export interface Inbound {
  readonly method: string;
  /** Target on our socket as sent; for a check, what follows the dialect's prefix, at least `/`. */
  readonly target: string;
  /** Name, value, name, value … as sent, latin-1. */
  readonly rawHeaders: readonly string[];
  /** A header by lower-case name, latin-1: its value, null, or REPEATED. */
  readonly header: (name: string) => string | null | typeof REPEATED;
  /** Scheme of our own socket. */
  readonly scheme: 'http' | 'https';
  /** Address of the peer on our socket, canonical. */
  readonly peer: string;
  /** Whether that peer may speak for others. */
  readonly trusted: boolean;
  /** Whether an address belongs to a trusted proxy, for walking X-Forwarded-For. */
  readonly isTrusted: (address: string) => boolean;
  /**
   * The client according to a trusted peer: the rightmost X-Forwarded-For hop that is not a trusted
   * proxy, canonical. Null without that header or for another peer.
   */
  readonly forwardedFor: string | null | Refusal;
}

/** What a client must do next; each dialect says it in its proxy's way. */
export type Reply =
  /** Go on. `headers`: every identity header, empty ones too, flat. */
  | { readonly kind: 'allow'; readonly headers: readonly string[] }
  /** A navigation that must go elsewhere first. */
  | {
      readonly kind: 'redirect';
      readonly status: 302 | 303;
      readonly to: string;
      /** Set-Cookie lines that go along. */
      readonly cookies?: readonly string[];
    }
  /** Anything but a navigation that must sign in: 401 with JSON. */
  | {
      readonly kind: 'unauthorized';
      readonly loginUrl: string;
      readonly body: Body;
      /** Set-Cookie lines that go along. */
      readonly cookies?: readonly string[];
    }
  /** `headers`: what the body or the status needs beside it (Retry-After, CSP), flat. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: Body;
    };

/** A body with its type. */
export interface Body {
  readonly type: string;
  readonly text: string;
}

/** A reply as HTTP. The gate adds the request id and caching headers. */
export interface HttpReply {
  readonly status: number;
  /** Name, value, name, value …, latin-1. */
  readonly headers: readonly string[];
  readonly body: Body | null;
}

/** One proxy's way of asking. */
export interface Dialect {
  /** The last part of its check path. */
  readonly name: string;
  /** Headers by which this dialect says what the original request was, lower case; another dialect's beside them are refused. */
  readonly speaks: readonly string[];
  /** Whether the proxy passes our reply to the client whole, so that it may carry pages and cookies. */
  readonly passesWhole: boolean;
  /**
   * Whether the proxy can write a `Cookie` field of an allow over the client's. Then each allow
   * carries the client's cookies without ours, so that no app sees a ticket.
   */
  readonly takesCookie: boolean;
  /** Whether the original target follows our prefix (Envoy); if not, no path may follow it. */
  readonly carriesTarget: boolean;
  /** The original request, or why it cannot be read. Only called for trusted peers. */
  read(inbound: Inbound): RawRequest | Refusal;
  reply(reply: Reply): HttpReply;
}

/** A header that was sent more than once although it may be sent once only. */
export const REPEATED = Symbol('repeated');

/** One header by lower-case name from a raw list: its value, null, or REPEATED. */
export function oneHeader(raw: readonly string[], name: string): string | null | typeof REPEATED {
  let found: string | null = null;
  for (let i = 0; i < pairCount(raw); i += 1) {
    const key = nameAt(raw, i);
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    if (found !== null) return REPEATED;
    found = valueAt(raw, i);
  }
  return found;
}
