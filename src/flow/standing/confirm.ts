/**
 * Asks a provider whether the account behind a session still stands: at most once per interval, over all
 * gateways, since a refresh token may be good for one use. A request waits for the answer.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isRecent, type Session, type Ticket } from '../../core/people/session.ts';
import type { ConfiguredSource } from '../../core/sources/source-rule.ts';
import type {
  ConfirmSession,
  KeptSourceSession,
  SourceSession,
} from '../../core/sources/source-session.ts';
import { endSession, type EndPorts } from './end-sessions.ts';
import { recheck, type RecheckPorts } from './recheck.ts';

/** After so many intervals without an answer, a session does not count until there is one. */
const GRACE = 3;
/** Time between two attempts while a provider does not answer, in milliseconds. */
const RETRY = 60_000;
/** How long one gateway may take to ask, in milliseconds: longer than all requests of a check together. */
const LEASE = 60_000;
/** How long a request waits for the answer to another gateway, in milliseconds. */
const PATIENCE = 8_000;
/** Time between two looks for it, in milliseconds. */
const PAUSE = 100;

/** What confirming needs. */
export type ConfirmPorts = RecheckPorts & EndPorts;

/** A session to confirm, and how. */
interface Case {
  readonly ticket: Ticket;
  readonly session: Session;
  readonly configured: ConfiguredSource;
  /** Milliseconds. */
  readonly every: number;
  readonly patience: number;
}

/** Sessions of sources without `recheck` are good until they end, and cost nothing. */
export function createConfirm(ports: ConfirmPorts, patience: number = PATIENCE): ConfirmSession {
  const underWay = new Map<string, Promise<number | null>>();
  return (ticket, session) => {
    const configured = ports.sources.find(session.source);
    const every = configured?.rule.recheck ?? null;
    if (configured === null || every === null) return Promise.resolve(Number.POSITIVE_INFINITY);
    const known = underWay.get(session.id);
    if (known !== undefined) return known;
    const asked = confirm(ports, { ticket, session, configured, every, patience }).finally(() =>
      underWay.delete(session.id),
    );
    underWay.set(session.id, asked);
    return asked;
  };
}

async function confirm(ports: ConfirmPorts, about: Case): Promise<number | null> {
  const { ticket, session, every } = about;
  const { sourceSessions } = ports.stores;
  const latest = performance.now() + about.patience;
  for (;;) {
    const kept = await sourceSessions.read(ticket);
    const now = ports.clock.now();
    if (kept !== null && isRecent(kept.vouchedAt, every, now)) return kept.vouchedAt + every;
    if (kept === null || kept.refreshToken === null) {
      // Nothing to ask with: the user signs in again.
      await endSession(ports, session, { code: 'source/no-refresh-token', about: 'recheck' });
      return null;
    }
    const isAsked = kept.claimedUntil > now;
    if (isAsked ? performance.now() >= latest : isRecent(kept.askedAt, RETRY, now)) {
      return unanswered(kept, every, now);
    }
    const claim: SourceSession = { ...kept, askedAt: now, claimedUntil: now + LEASE };
    if (isAsked) await pause(PAUSE);
    else if (await sourceSessions.replace(ticket, claim, kept.revision)) {
      return ask(ports, about, { ...claim, revision: kept.revision + 1 });
    }
  }
}

/** Until when a session counts that the provider has not confirmed; null if it does not. */
function unanswered(
  { vouchedAt, askedAt, isDoubted }: SourceSession,
  every: number,
  now: number,
): number | null {
  if (isDoubted || !isRecent(vouchedAt, every * GRACE, now)) return null;
  return Math.min(askedAt + RETRY, vouchedAt + every * GRACE);
}

async function ask(
  ports: ConfirmPorts,
  { ticket, session, configured, every }: Case,
  claimed: KeptSourceSession,
): Promise<number | null> {
  const { sourceSessions } = ports.stores;
  let { revision, ...current }: KeptSourceSession = claimed;
  /** False if the session has ended meanwhile, or continues under another ticket: nothing must come back. */
  const save = async (changes: Partial<SourceSession>): Promise<boolean> => {
    current = { ...current, ...changes };
    const isSaved = await sourceSessions.replace(ticket, current, revision);
    if (isSaved) revision += 1;
    return isSaved;
  };
  const answer = await recheck(
    ports,
    configured,
    { session, kept: current },
    async (refreshToken) => {
      await save({ refreshToken });
    },
  );
  const now = ports.clock.now();
  if (answer === 'ended') return null;
  if (answer === 'stands') {
    const isSaved = await save({ vouchedAt: now, claimedUntil: 0, isDoubted: false });
    return isSaved ? now + every : null;
  }
  await save({ claimedUntil: 0, isDoubted: answer === 'refused' });
  return unanswered(current, every, now);
}
