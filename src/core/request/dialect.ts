/**
 * A dialect is how one proxy asks and how it hears the answer. It translates; it never
 * decides. See docs and shared wire notes for what each proxy does with a status.
 */
import type { RawRequest } from './facts.ts';
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
   * The client as a trusted peer tells it: the rightmost X-Forwarded-For hop that is no trusted
   * proxy, canonical. Null when nothing was said or the peer is not trusted.
   */
  readonly forwardedFor: string | null | Refusal;
}

/** What a proxy, or the client itself, is told. */
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

/** What goes out on our socket. Gate adds request id and caching headers. */
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
  /** Whether the proxy gives our answer to the client whole, so that it may carry pages and cookies. */
  readonly passesWhole: boolean;
  /**
   * Whether the proxy can write a `Cookie` field of an allow over the client's. Then each allow
   * carries the client's cookies without ours, so that no app sees a ticket.
   */
  readonly takesCookie: boolean;
  /** Whether the original target stands behind our prefix (Envoy); if not, no path may stand there. */
  readonly carriesTarget: boolean;
  /** The original request, or why it cannot be told. Only called for trusted peers. */
  read(inbound: Inbound): RawRequest | Refusal;
  reply(answer: Reply): HttpReply;
}

/** A header that stands more than once although one is all it may be. */
export const REPEATED = Symbol('repeated');

/** One header by lower-case name from a raw list: its value, null, or REPEATED. */
export function oneHeader(raw: readonly string[], name: string): string | null | typeof REPEATED {
  let found: string | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const key = raw[i] as string;
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    if (found !== null) return REPEATED;
    found = raw[i + 1] as string;
  }
  return found;
}
