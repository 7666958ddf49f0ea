/**
 * Events for the log, metrics and (later) the admin page. They contain no secrets and no submitted
 * values.
 */
import type { Credential } from '../people/token.ts';
import type { NetworkCause } from '../values/network-cause.ts';
import type { Denial } from './decision-trace.ts';

/** A change to an account. Reported after it has been written. */
export type AccountChange =
  | 'authenticator/added'
  | 'authenticator/replaced'
  | 'authenticator/removed'
  | 'consent/saved'
  | 'device/remembered'
  | 'factors/locked'
  | 'factors/unlocked'
  | 'invitation/spent'
  | 'password/changed'
  | 'source/linked'
  | 'token/created'
  | 'token/revoked'
  | 'user/created'
  | 'user/updated'
  | 'user/deleted';

export type Event =
  | {
      readonly type: 'decision';
      readonly requestId: string;
      /** Trace id of the request (W3C Trace Context), or null. */
      readonly traceId: string | null;
      readonly dialect: string;
      readonly method: string;
      readonly host: string;
      readonly path: string;
      readonly route: string | null;
      readonly rule: string | null;
      readonly decision: 'allow' | 'authenticate' | 'deny' | 'error';
      readonly status: number;
      readonly reasons: readonly string[];
      /** Every failed verdict behind the decision; empty for an allow. */
      readonly why: readonly Denial[];
      /** Denials by dry-run bindings. */
      readonly dryRun: readonly Denial[];
      readonly userId: string | null;
      /** What the request showed in place of a session, unless it was a token; left out without one. */
      readonly credential?: Credential;
      /**
       * Public id of the token that the request showed, or the issuer and subject of a JSON Web Token; left
       * out without one.
       */
      readonly tokenId?: string;
      readonly clientIp: string;
      /** Time spent on the decision, in milliseconds. */
      readonly ms: number;
    }
  | {
      readonly type: 'sign-in';
      /** `''` for a password outside of flows, in an Authorization field. */
      readonly flow: string;
      readonly method: string;
      /**
       * `locked`: too many consecutive wrong second factors. `denied`: the user or the source canceled.
       * `unavailable`: the source did not respond.
       */
      readonly result:
        | 'right'
        | 'wrong'
        | 'throttled'
        | 'busy'
        | 'locked'
        | 'denied'
        | 'unavailable';
      readonly userId: string | null;
      /** Which source; left out for other methods. */
      readonly source?: string;
      /** For sources: stable code of the failure, and codes of the policies behind it. */
      readonly code?: string | null;
      readonly reasons?: readonly string[];
      /** As for `upstream`: why the source could not be asked, or what is wrong with its answer. */
      readonly cause?: NetworkCause;
      readonly clientIp: string;
      /** Null for a password outside of flows. */
      readonly requestId: string | null;
    }
  | {
      readonly type: 'flow';
      readonly flow: string;
      readonly outcome: 'started' | 'completed' | 'stopped' | 'restarted' | 'looped';
      readonly code: string | null;
      readonly userId: string | null;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      /**
       * What dry-run bindings of a flow would have denied: the run itself, a stage or a submission.
       * Emitted on every evaluation.
       */
      readonly type: 'dry-run';
      readonly flow: string;
      readonly why: readonly Denial[];
      readonly userId: string | null;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'session';
      /** `elsewhere`: a bound session was used from another network or country and was refused. */
      readonly change: 'started' | 'rotated' | 'ended' | 'elsewhere';
      readonly sessionId: string;
      readonly userId: string;
      readonly clientIp: string;
    }
  | {
      /** What a provider said after a sign-in: when a session asked again, or when it ended sessions itself. */
      readonly type: 'source';
      readonly source: string;
      readonly about: 'recheck' | 'logout';
      /**
       * `changed`: the user's groups. `ended`: sessions ended. `refused`: what came from the provider is not
       * valid.
       */
      readonly result: 'stands' | 'changed' | 'ended' | 'unavailable' | 'refused';
      /** Stable code of the reason, or null. */
      readonly code: string | null;
      /** Sessions that a logout ended; left out for a recheck. */
      readonly sessions?: number;
      /** As for `upstream`: why the provider could not be asked. */
      readonly cause?: NetworkCause;
      /** Null for a logout. */
      readonly userId: string | null;
      readonly clientIp: string;
    }
  | {
      readonly type: 'account';
      readonly change: AccountChange;
      /** The user concerned; null for an invitation that was spent before its user existed. */
      readonly userId: string | null;
      /** Public id of the token; left out for other changes. */
      readonly tokenId?: string;
      readonly flow: string;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'upstream';
      readonly requestId: string;
      readonly route: string;
      readonly status: number;
      /** `''`, or why there was no response: `upstream/down`, `upstream/timeout`, `client/gone`. */
      readonly fault: string;
      /**
       * The network or TLS error: a stable word (`refused`, `tls/expired`) and the original
       * message.
       */
      readonly cause?: { readonly word: string; readonly message: string };
      /** URL of the member that the request went to; left out if the upstream has only one. */
      readonly member?: string;
      /** Members that could not be reached before; left out for 0. */
      readonly retries?: number;
      readonly ms: number;
    }
  | {
      /** A connection that was closed because it did not begin as its listener requires. */
      readonly type: 'connection';
      readonly code: string;
      readonly peer: string;
    }
  | {
      /**
       * A member of an upstream, a server of a directory or the database went out of rotation or came back:
       * by its health checks (`down`, `up`), or by what happened to requests (`ejected`, `returned`).
       */
      readonly type: 'member';
      /** Name of the directory, if it is a server of one. */
      readonly directory?: string;
      /** Which part of the database, if it is one: `accounts` or `directory`. */
      readonly database?: string;
      /** Its URL; of a database, a description. */
      readonly member: string;
      readonly change: 'ejected' | 'returned' | 'down' | 'up';
      /** As for `upstream`. */
      readonly cause?: { readonly word: string; readonly message: string };
    }
  | { readonly type: 'reload'; readonly ok: boolean; readonly faults: number }
  | {
      readonly type: 'fault';
      readonly code: string;
      readonly requestId: string | null;
      readonly cause: unknown;
    };

/** Receives events. Must never throw or block. */
export interface EventSink {
  emit(event: Event): void;
}
