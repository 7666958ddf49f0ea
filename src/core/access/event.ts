/** What happened, for log, metrics and (later) the admin page. No secrets, no answers. */
import type { Denial } from './decision-trace.ts';

/** What was changed about a person, or by one: said once it has been written. */
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
  | 'user/created'
  | 'user/updated'
  | 'user/deleted';

export type Event =
  | {
      readonly type: 'decision';
      readonly requestId: string;
      /** The trace the request belongs to (W3C Trace Context), or null. */
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
      /** Each no that it rests on; empty for an allow. */
      readonly why: readonly Denial[];
      /** What dry runs would have refused. */
      readonly dryRun: readonly Denial[];
      readonly userId: string | null;
      readonly clientIp: string;
      /** Milliseconds spent deciding. */
      readonly ms: number;
    }
  | {
      readonly type: 'sign-in';
      readonly flow: string;
      readonly method: string;
      /** `locked`: too many wrong second factors in a row. */
      readonly result: 'right' | 'wrong' | 'throttled' | 'busy' | 'locked';
      readonly userId: string | null;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'flow';
      readonly flow: string;
      readonly outcome: 'started' | 'completed' | 'stopped' | 'restarted';
      readonly code: string | null;
      readonly userId: string | null;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      /** What dry runs would have refused in a flow: who runs it, a stage, an answer. Told each time it is judged. */
      readonly type: 'dry-run';
      readonly flow: string;
      readonly why: readonly Denial[];
      readonly userId: string | null;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'session';
      /** `elsewhere`: used from another place than it is bound to, and refused. */
      readonly change: 'started' | 'rotated' | 'ended' | 'elsewhere';
      readonly sessionId: string;
      readonly userId: string;
      readonly clientIp: string;
    }
  | {
      readonly type: 'account';
      readonly change: AccountChange;
      /** Whose; null for an invitation that was spent before there was anybody. */
      readonly userId: string | null;
      readonly flow: string;
      readonly clientIp: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'upstream';
      readonly requestId: string;
      readonly route: string;
      readonly status: number;
      /** `''`, or why there was no answer: `upstream/down`, `upstream/timeout`, `client/gone`. */
      readonly fault: string;
      /** What the network or TLS said: a stable word (`refused`, `tls/expired`) and its own message. */
      readonly cause?: { readonly word: string; readonly message: string };
      readonly ms: number;
    }
  | { readonly type: 'reload'; readonly ok: boolean; readonly faults: number }
  | {
      readonly type: 'fault';
      readonly code: string;
      readonly requestId: string | null;
      readonly cause: unknown;
    };

/** Takes events; must never throw and never wait. */
export interface EventSink {
  emit(event: Event): void;
}
