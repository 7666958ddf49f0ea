/** The event for a request, emitted after its reply: no cookies, no query. */
import type { Decision } from '../../core/access/decision.ts';
import { type Denial, denialsOf, dryRunDenialsOf } from '../../core/access/decision-trace.ts';
import type { Event } from '../../core/access/event.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { traceIdOf } from '../../core/request/trace.ts';

type DecisionEvent = Extract<Event, { type: 'decision' }>;

/** How a request was handled. */
export interface Handled {
  readonly requestId: string;
  readonly dialect: string;
  /** Status on our socket. */
  readonly status: number;
  readonly ms: number;
}

const NONE: readonly Denial[] = [];

/** The event of a decided request. */
export function decisionEvent(
  handled: Handled,
  facts: RequestFacts,
  decision: Decision,
): DecisionEvent {
  return {
    type: 'decision',
    requestId: handled.requestId,
    traceId: traceIdOf(facts.header('traceparent')),
    dialect: handled.dialect,
    method: facts.method,
    host: facts.host,
    path: facts.path,
    route: decision.route?.id ?? null,
    rule: decision.rule?.name ?? null,
    decision: decision.kind,
    status: handled.status,
    reasons: decision.reasons.map(codeOf),
    why: decision.kind === 'allow' ? NONE : denialsOf(decision),
    dryRun: decision.dryRun.length === 0 ? NONE : dryRunDenialsOf(decision),
    userId: decision.visitor?.user.id ?? null,
    ...grantOf(decision),
    clientIp: facts.clientIp,
    ms: handled.ms,
  };
}

const NO_GRANT = {};

function grantOf({ visitor }: Decision): Pick<DecisionEvent, 'credential' | 'tokenId'> {
  if (visitor?.session !== null) return NO_GRANT;
  const { credential, id } = visitor.grant;
  if (credential === 'token') return { tokenId: id };
  return credential === 'basic' ? { credential } : { credential, tokenId: id };
}

/**
 * How a request without a decision ended: unreadable (`deny`), failed (`error`), on its way to sign
 * out (`authenticate`), or a preflight that was answered (`allow`).
 */
export interface Undecided {
  readonly kind: DecisionEvent['decision'];
  /** Stable code of the reason. */
  readonly code: string;
}

/** The event of a request without a decision. */
export function undecidedEvent(
  handled: Handled,
  { kind, code }: Undecided,
  seen: { readonly method: string; readonly clientIp: string; readonly facts: RequestFacts | null },
): DecisionEvent {
  return {
    type: 'decision',
    requestId: handled.requestId,
    traceId: seen.facts === null ? null : traceIdOf(seen.facts.header('traceparent')),
    dialect: handled.dialect,
    method: seen.method,
    host: seen.facts?.host ?? '',
    path: seen.facts?.path ?? '',
    route: null,
    rule: null,
    decision: kind,
    status: handled.status,
    reasons: [code],
    why: NONE,
    dryRun: NONE,
    userId: null,
    clientIp: seen.clientIp,
    ms: handled.ms,
  };
}

function codeOf(reason: { readonly code: string }): string {
  return reason.code;
}
