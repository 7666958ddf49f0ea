/**
 * The one place where flows write anything but plans: once, after the plan has moved. What permits
 * comes before what is permitted, and the session after everything it rests on, so that no session
 * remains if a step fails.
 */
import type { AccountChange } from '../../core/access/event.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { type Accounts, AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import { type Ticket, ticketUser, type Tickets } from '../../core/people/session.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { SourceLinks } from '../../core/sources/source-link.ts';
import { SOURCE_METHOD } from '../../core/proof/source-step.ts';
import { keptIn, type SourceSession } from '../../core/sources/source-session.ts';
import { portalCookie, sharedCookie } from '../../core/setup/ticket-cookie.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Random, Vault } from '../../core/values/system.ts';
import { clearedTickets, deviceCookie, ticketCookies } from '../browser/cookies.ts';
import { keepUsername } from '../browser/username.ts';
import { showOnce } from '../browser/shown.ts';
import type { Device, Run, ShownOnce } from '../run/run.ts';
import { dispatch, type EmailPorts } from './emails.ts';
import type { Order } from './orders.ts';
import {
  dropSession,
  endSession,
  renewSession,
  type SessionPorts,
  startSession,
  ticketAge,
} from './session-effects.ts';
import { carrySource, checkAccount, createLinked, type SourcePorts } from './source-effects.ts';
import { carryToken } from './token-effects.ts';
import { checkWrite, deleteUser, passwordOf, verifyEmail, writeUser } from './user-effects.ts';

/** What carrying out effects needs. */
export interface EffectPorts extends EmailPorts, SessionPorts, SourcePorts {
  readonly stores: Pick<Stores, 'throttle' | 'sessions' | 'sourceSessions'>;
  readonly accounts: Accounts;
  readonly directories: Directory;
  readonly links: SourceLinks;
  readonly vault: Vault;
  readonly random: Random;
  readonly tickets: Pick<Tickets, 'seal'>;
}

/** Lower ranks first; equal ranks in the order in which they were ordered. */
const RANKS: Readonly<Record<Effect['kind'], number>> = {
  'spend-invitation': 0,
  'write-user': 1,
  'use-source': 1,
  'link-source': 1,
  'verify-email': 1,
  'use-authenticator': 2,
  'remove-authenticator': 2,
  'replace-authenticators': 2,
  'add-authenticator': 2,
  'create-token': 2,
  'revoke-token': 2,
  'save-consent': 3,
  'end-session': 4,
  'end-all-sessions': 4,
  'start-session': 4,
  'remember-device': 5,
  'delete-user': 6,
  'send-mail': 7,
};

/** Methods that make a device trusted for more than knowing a password. */
const FACTORS: readonly string[] = AUTHENTICATOR_KINDS;

/** Orders prepared before the plan is written. Nothing has been written yet. */
export interface Prepared {
  readonly orders: readonly Order[];
  /** For a session to be started or renewed: its ticket and Set-Cookie lines. */
  readonly next: { readonly ticket: Ticket; readonly cookies: readonly string[] } | null;
  /** The device under which this browser will be known, if it will be. */
  readonly device: Device | null;
  /** Set-Cookie line of the username to keep, if any. */
  readonly username: string | null;
  /** What a session keeps of the source that proved its user in this run; null without one. */
  readonly kept: SourceSession | null;
  /** A new token, with the Set-Cookie line by which it reaches the next page. */
  readonly shown: Showing | null;
}

/** What the next page shows, and the Set-Cookie line by which it gets there. */
export interface Showing extends ShownOnce {
  readonly line: string;
}

/** What has been done so far. */
interface Done {
  /** The Set-Cookie lines of the ticket. */
  tickets: readonly string[];
  device: string | null;
  username: string | null;
  /** Public id of the session that was started. */
  started: string | null;
}

/** Sorts orders, makes the new ticket if one is needed, and rejects what cannot be written. Writes nothing. */
export async function prepare(
  ports: EffectPorts,
  ordered: readonly Order[],
  plan: Plan,
  run: Run,
): Promise<Prepared> {
  const orders = [...ordered, ...remembered(ordered)].sort(
    (a, b) => RANKS[a.effect.kind] - RANKS[b.effect.kind],
  );
  for (const order of orders) {
    await checkAccount(ports, order.effect);
    await checkWrite(ports, order);
  }
  const start = orders.find(({ effect }) => effect.kind === 'start-session') ?? null;
  const isSession = start !== null || orders.some((order) => renews(order, run));
  const isDevice = orders.some(({ effect }) => effect.kind === 'remember-device');
  const secret = run.device?.secret ?? ports.random.token(16);
  return {
    orders,
    next: isSession ? await newTicket(ports, start, run) : null,
    device: isDevice ? { secret, name: ports.vault.name('device', secret) } : null,
    username: start === null ? null : keepUsername(ports.vault, plan, run),
    // Proofs are those of the order's own user; another one may have come by a source before.
    kept: start?.proofs.some(({ method }) => method === SOURCE_METHOD)
      ? keptIn(plan.learned)
      : null,
    shown: showing(ports, orders, plan, run),
  };
}

function showing(
  ports: EffectPorts,
  orders: readonly Order[],
  { id: planId }: Plan,
  run: Run,
): Showing | null {
  const text = orders
    .flatMap(({ effect }) => (effect.kind === 'create-token' ? [effect.text] : []))
    .at(0);
  return text === undefined ? null : { planId, text, line: showOnce(ports, { planId, text }, run) };
}

async function newTicket(
  { random, tickets, vault }: EffectPorts,
  start: Order | null,
  run: Run,
): Promise<NonNullable<Prepared['next']>> {
  const userId = (start === null ? run.visitor?.user.id : start.subject?.userId) ?? '';
  const ticket = {
    id: random.token(16),
    secret: random.token(32),
    user: ticketUser(vault, userId),
  };
  const { snapshot } = run;
  const shared = sharedCookie(snapshot);
  const sealed = {
    portal: await tickets.seal(ticket, portalCookie(snapshot).scope),
    apps: shared === null ? null : await tickets.seal(ticket, shared.scope),
  };
  return { ticket, cookies: ticketCookies(snapshot, sealed, ticketAge(start, run)) };
}

/** All Set-Cookie lines that a new session or token will produce. */
export function cookiesOf(
  { next, device, username, shown }: Prepared,
  run: Run,
): readonly string[] {
  const once = shown === null ? [] : [shown.line];
  if (next === null) return once;
  const known = device === null ? null : deviceCookie(run.snapshot, device.secret);
  return [...next.cookies, known, username, ...once].filter((line) => line !== null);
}

/** A sign-in makes its browser known to the user. */
function remembered(orders: readonly Order[]): readonly Order[] {
  const start = orders.find(({ effect }) => effect.kind === 'start-session');
  const isOrdered = orders.some(({ effect }) => effect.kind === 'remember-device');
  return start === undefined || isOrdered
    ? []
    : [{ ...start, effect: { kind: 'remember-device' } }];
}

/** Whether it sets a new password for the signed-in user: the session continues under a new ticket. */
function renews(order: Order, run: Run): boolean {
  const userId = passwordOf(order);
  return userId !== null && run.visitor?.user.id === userId;
}

/** Carries the orders out and returns the resulting Set-Cookie lines. Rejects with the Problem of the first that fails. */
export async function carryOut(
  ports: EffectPorts,
  prepared: Prepared,
  run: Run,
): Promise<readonly string[]> {
  const done: Done = { tickets: [], device: null, username: null, started: null };
  const carry = carrierOf(ports, prepared, run, done);
  try {
    for (const order of prepared.orders) await carry(order);
  } catch (caught) {
    // The session that was started is taken back, and the fault is reported.
    if (done.started !== null) await dropSession(ports, done.started);
    throw caught;
  }
  const once = prepared.shown?.line ?? null;
  return [...done.tickets, done.device, done.username, once].filter((line) => line !== null);
}

/** Carries out one order after another; each kind of effect is one case. */
function carrierOf(ports: EffectPorts, prepared: Prepared, run: Run, done: Done) {
  const { accounts } = ports;
  const emit = emitterOf(ports, run);
  return async (order: Order): Promise<void> => {
    const { effect, subject } = order;
    const userId = subject?.userId ?? null;
    switch (effect.kind) {
      case 'spend-invitation':
        await spendInvitation(ports, effect, run.now);
        return emit('invitation/spent', userId);
      case 'write-user':
        await createOrChange(ports, order, effect, emit);
        return onNewPassword(ports, order, { prepared, run, done });
      case 'verify-email':
        if (await verifyEmail(ports, subject, effect.email)) emit('user/updated', userId);
        return;
      case 'link-source':
      case 'use-source':
        return carrySource(ports, effect, emit);
      case 'use-authenticator':
        return useAuthenticator(accounts, effect, run.now);
      case 'remove-authenticator':
        return removeAuthenticator(accounts, effect, emit);
      case 'replace-authenticators':
        await accounts.replaceAuthenticators(effect.userId, effect.of, effect.by);
        return emit('authenticator/replaced', effect.userId);
      case 'add-authenticator':
        await accounts.addAuthenticator(effect.authenticator);
        return emit('authenticator/added', effect.authenticator.userId);
      case 'create-token':
      case 'revoke-token':
        return carryToken(ports, effect, run);
      case 'save-consent':
        await accounts.saveConsent(effect.consent);
        return emit('consent/saved', effect.consent.userId);
      case 'start-session': {
        const { ticket, cookies } = nextOf(prepared);
        done.started = ports.vault.name('session', ticket.id);
        const begun = { ticket, order, effect, kept: prepared.kept };
        await startSession(ports, { ...begun, device: prepared.device?.name ?? null }, run);
        done.tickets = cookies;
        done.username = prepared.username;
        return;
      }
      case 'end-session':
      case 'end-all-sessions':
        done.tickets = await endSession(ports, effect.kind === 'end-session' ? 'this' : 'all', run);
        return;
      case 'remember-device':
        done.device = await remember(ports, prepared, order, run);
        return emit('device/remembered', userId);
      case 'delete-user':
        await deleteUser(ports, subject);
        if (userId === run.visitor?.user.id) done.tickets = clearedTickets(run.snapshot);
        return emit('user/deleted', userId);
      case 'send-mail':
        return dispatch(ports, effect.email, subject, run);
    }
  };
}

/** A new user with an account at a source is linked to it, or not created. */
function createOrChange(
  ports: EffectPorts,
  order: Order,
  effect: Extract<Effect, { kind: 'write-user' }>,
  done: ReturnType<typeof emitterOf>,
): Promise<void> {
  const { account } = effect;
  const create = () => writeUser(ports, order, effect, done);
  if (account === undefined) return create();
  return createLinked(ports, { ...effect, account }, { create, done });
}

function emitterOf({ events }: EffectPorts, { facts, requestId, flow }: Run) {
  const origin = { flow: flow.name, clientIp: facts.clientIp, requestId };
  return (change: AccountChange, userId: string | null): void =>
    events.emit({ type: 'account', change, userId, ...origin });
}

async function spendInvitation(
  { accounts, directories }: EffectPorts,
  { id, isFirst }: Extract<Effect, { kind: 'spend-invitation' }>,
  now: number,
): Promise<void> {
  if (isFirst && !(await directories.isEmpty())) {
    throw new Problem('invitation/late', 'A user already exists.', { status: 410 });
  }
  if (!(await accounts.spendInvitation(id, now))) {
    throw new Problem('invitation/spent', 'This invitation has already been used.', {
      status: 410,
    });
  }
}

/**
 * A new password ends the user's sessions. The current one continues under a new ticket, unless the
 * run starts a new session.
 */
async function onNewPassword(
  ports: EffectPorts,
  order: Order,
  { prepared, run, done }: { readonly prepared: Prepared; readonly run: Run; readonly done: Done },
): Promise<void> {
  const userId = passwordOf(order);
  if (userId === null) return;
  const isFollowed = prepared.orders.some(({ effect }) => effect.kind === 'start-session');
  if (isFollowed || !renews(order, run)) {
    const current =
      isFollowed && run.ticket !== null ? ports.vault.name('session', run.ticket.id) : undefined;
    await ports.stores.sessions.endAll(userId, current);
    return;
  }
  const { ticket, cookies } = nextOf(prepared);
  done.started = ports.vault.name('session', ticket.id);
  const isRenewed = await renewSession(ports, ticket, run);
  done.tickets = isRenewed ? cookies : clearedTickets(run.snapshot);
}

async function remember(
  { accounts }: EffectPorts,
  { device }: Prepared,
  { subject, proofs }: Order,
  run: Run,
): Promise<string> {
  const userId = subject?.userId ?? null;
  if (device === null || userId === null) throw new Problem('internal', 'No device to remember.');
  // A code alone is a first factor, whatever its kind; a passkey alone identifies its owner.
  const isSecond = proofs.length > 1;
  const factor = proofs.findLast(
    ({ method }) => FACTORS.includes(method) && (isSecond || method === 'webauthn'),
  );
  const agent = run.facts.header('user-agent') ?? '';
  await accounts.rememberDevice(userId, {
    device: device.name,
    agent,
    now: run.now,
    factorAt: factor?.at ?? null,
  });
  return deviceCookie(run.snapshot, device.secret);
}

function nextOf({ next }: Prepared): NonNullable<Prepared['next']> {
  if (next === null) throw new Problem('internal', 'No ticket was made.');
  return next;
}

async function useAuthenticator(
  accounts: Accounts,
  { id, data }: Extract<Effect, { kind: 'use-authenticator' }>,
  now: number,
): Promise<void> {
  if (!(await accounts.useAuthenticator(id, now, data))) throw authenticatorGone();
}

async function removeAuthenticator(
  accounts: Accounts,
  { userId, id }: Extract<Effect, { kind: 'remove-authenticator' }>,
  emit: ReturnType<typeof emitterOf>,
): Promise<void> {
  if (!(await accounts.removeAuthenticator(userId, id))) throw authenticatorGone();
  emit('authenticator/removed', userId);
}

/** Another request used or removed it first: nothing that rests on it happens. */
function authenticatorGone(): Problem {
  return new Problem('authenticator/gone', 'The authenticator no longer exists.', { status: 410 });
}
