/**
 * The one place where flows write anything but plans: once, after the plan has moved, in an order
 * of its own. What allows comes before what is allowed, the session after all that it rests on;
 * whatever fails, no session is left behind.
 */
import { AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { AccountChange } from '../../core/access/event.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Ticket } from '../../core/people/session.ts';
import { clearedTicket, deviceCookie, ticketCookie } from '../browser/cookies.ts';
import type { FlowDeps } from '../run/deps.ts';
import { dispatch } from './emails.ts';
import type { Order } from './orders.ts';
import type { Device, Run } from '../run/run.ts';
import {
  dropSession,
  endSession,
  renewSession,
  startSession,
  ticketAge,
} from './session-effects.ts';
import { checkWrite, deleteUser, passwordOf, verifyEmail, writeUser } from './user-effects.ts';
import { keepUsername } from '../browser/username.ts';

/** Smaller first; equal ones in the order in which they were ordered. */
const RANKS: Readonly<Record<Effect['kind'], number>> = {
  'spend-invitation': 0,
  'write-user': 1,
  'verify-email': 1,
  'use-authenticator': 2,
  'remove-authenticator': 2,
  'replace-authenticators': 2,
  'add-authenticator': 2,
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

/** Orders made ready before the plan is written: nothing has happened yet. */
export interface Prepared {
  readonly orders: readonly Order[];
  /** For the session to be started or renewed, if any, with its cookie's Set-Cookie line. */
  readonly next: { readonly ticket: Ticket; readonly cookie: string } | null;
  /** By which this browser will be known, where it is to be. */
  readonly device: Device | null;
  /** Set-Cookie line of the name to be kept, if any. */
  readonly username: string | null;
}

/** What has been done so far. */
interface Done {
  /** The Set-Cookie line of the ticket. */
  ticket: string | null;
  device: string | null;
  username: string | null;
  /** Public id of the session that was begun. */
  started: string | null;
}

/** Sorts, makes the new ticket if one will be needed, and refuses what cannot be written. Writes nothing. */
export async function prepare(
  deps: FlowDeps,
  ordered: readonly Order[],
  plan: Plan,
  run: Run,
): Promise<Prepared> {
  const orders = [...ordered, ...remembered(ordered)].sort(
    (a, b) => RANKS[a.effect.kind] - RANKS[b.effect.kind],
  );
  for (const order of orders) await checkWrite(deps, order);
  const start = orders.find(({ effect }) => effect.kind === 'start-session') ?? null;
  const isSession = start !== null || orders.some((order) => renews(order, run));
  const isDevice = orders.some(({ effect }) => effect.kind === 'remember-device');
  const secret = run.device?.secret ?? deps.random.token(16);
  return {
    orders,
    next: isSession ? await newTicket(deps, ticketAge(start, run), run) : null,
    device: isDevice ? { secret, name: deps.vault.name('device', secret) } : null,
    username: start === null ? null : keepUsername(deps.vault, plan, run),
  };
}

async function newTicket(
  deps: FlowDeps,
  age: number | null,
  run: Run,
): Promise<NonNullable<Prepared['next']>> {
  const ticket = { id: deps.random.token(16), secret: deps.random.token(32) };
  const sealed = await deps.tickets.seal(ticket);
  return { ticket, cookie: ticketCookie(run.snapshot, sealed, age) };
}

/** All Set-Cookie lines there will be, when a session begins or is renewed. */
export function cookiesOf({ next, device, username }: Prepared, run: Run): readonly string[] {
  if (next === null) return [];
  const known = device === null ? null : deviceCookie(run.snapshot, device.secret);
  return [next.cookie, known, username].filter((line) => line !== null);
}

/** Whoever signs in is known on this browser from then on. */
function remembered(orders: readonly Order[]): readonly Order[] {
  const start = orders.find(({ effect }) => effect.kind === 'start-session');
  const isOrdered = orders.some(({ effect }) => effect.kind === 'remember-device');
  return start === undefined || isOrdered
    ? []
    : [{ ...start, effect: { kind: 'remember-device' } }];
}

/** Whether it is a new password of whoever is signed in here: the session goes on under a new ticket. */
function renews(order: Order, run: Run): boolean {
  const userId = passwordOf(order);
  return userId !== null && run.visitor?.user.id === userId;
}

/** Carries the orders out. The Set-Cookie lines that come of them. Rejects with the Problem of the first that fails. */
export async function carryOut(
  deps: FlowDeps,
  prepared: Prepared,
  run: Run,
): Promise<readonly string[]> {
  const done: Done = { ticket: null, device: null, username: null, started: null };
  try {
    for (const order of prepared.orders) await carry(deps, prepared, order, run, done);
  } catch (caught) {
    // What was begun is taken back, and the fault is told.
    if (done.started !== null) await dropSession(deps, done.started);
    throw caught;
  }
  return [done.ticket, done.device, done.username].filter((line) => line !== null);
}

async function carry(
  deps: FlowDeps,
  prepared: Prepared,
  order: Order,
  run: Run,
  done: Done,
): Promise<void> {
  const { effect, subject } = order;
  const { accounts } = deps;
  const userId = subject?.userId ?? null;
  const tell = (change: AccountChange, whose: string | null): void => {
    const { facts, requestId, flow } = run;
    const where = { flow: flow.name, clientIp: facts.clientIp, requestId };
    deps.events.emit({ type: 'account', change, userId: whose, ...where });
  };
  switch (effect.kind) {
    case 'spend-invitation':
      if (effect.isFirst && !(await deps.directories.isEmpty())) {
        throw new Problem('invitation/late', 'There is somebody by now.', { status: 410 });
      }
      if (!(await accounts.spendInvitation(effect.id, run.now))) {
        throw new Problem('invitation/spent', 'This invitation is used up.', { status: 410 });
      }
      return tell('invitation/spent', userId);
    case 'write-user':
      await writeUser(deps, order, effect, tell);
      if (passwordOf(order) !== null) await onNewPassword(deps, prepared, order, run, done);
      return;
    case 'verify-email':
      if (await verifyEmail(deps, subject, effect.email)) tell('user/updated', userId);
      return;
    case 'use-authenticator':
      return found(await accounts.useAuthenticator(effect.id, run.now, effect.data));
    case 'remove-authenticator':
      found(await accounts.removeAuthenticator(effect.userId, effect.id));
      return tell('authenticator/removed', effect.userId);
    case 'replace-authenticators':
      await accounts.replaceAuthenticators(effect.userId, effect.of, effect.by);
      return tell('authenticator/replaced', effect.userId);
    case 'add-authenticator':
      await accounts.addAuthenticator(effect.authenticator);
      return tell('authenticator/added', effect.authenticator.userId);
    case 'save-consent':
      await accounts.saveConsent(effect.consent);
      return tell('consent/saved', effect.consent.userId);
    case 'start-session': {
      const next = ticketOf(prepared);
      done.started = deps.vault.name('session', next.ticket.id);
      const device = prepared.device?.name ?? null;
      await startSession(deps, next.ticket, device, order, effect, run);
      done.ticket = next.cookie;
      done.username = prepared.username;
      return;
    }
    case 'end-session':
    case 'end-all-sessions':
      await endSession(deps, effect.kind === 'end-all-sessions', run);
      done.ticket = clearedTicket(run.snapshot);
      return;
    case 'remember-device':
      done.device = await remember(deps, prepared, order, run);
      return tell('device/remembered', userId);
    case 'delete-user':
      await deleteUser(deps, subject);
      if (userId === run.visitor?.user.id) done.ticket = clearedTicket(run.snapshot);
      return tell('user/deleted', userId);
    case 'send-mail':
      return dispatch(deps, effect.email, subject, run);
  }
}

/** A new password ends the user's sessions; the one at hand goes on under a new ticket, unless a new one follows. */
async function onNewPassword(
  deps: FlowDeps,
  prepared: Prepared,
  order: Order,
  run: Run,
  done: Done,
): Promise<void> {
  const follows = prepared.orders.some(({ effect }) => effect.kind === 'start-session');
  if (follows || !renews(order, run)) {
    const current =
      follows && run.ticket !== null ? deps.vault.name('session', run.ticket.id) : undefined;
    await deps.stores.sessions.endAll(passwordOf(order) ?? '', current);
    return;
  }
  const next = ticketOf(prepared);
  done.started = deps.vault.name('session', next.ticket.id);
  const isRenewed = await renewSession(deps, next.ticket, run);
  done.ticket = isRenewed ? next.cookie : clearedTicket(run.snapshot);
}

async function remember(
  deps: FlowDeps,
  prepared: Prepared,
  order: Order,
  run: Run,
): Promise<string> {
  const { device } = prepared;
  const userId = order.subject?.userId ?? null;
  if (device === null || userId === null) throw new Problem('internal', 'No device to remember.');
  // A code alone is a first factor, whatever it could have been; a passkey alone knows its owner.
  const isSecond = order.proofs.length > 1;
  const factor = order.proofs.findLast(
    ({ method }) => FACTORS.includes(method) && (isSecond || method === 'webauthn'),
  );
  await deps.accounts.rememberDevice(
    userId,
    device.name,
    run.facts.header('user-agent') ?? '',
    run.now,
    factor?.at ?? null,
  );
  return deviceCookie(run.snapshot, device.secret);
}

function ticketOf(prepared: Prepared): NonNullable<Prepared['next']> {
  if (prepared.next === null) throw new Problem('internal', 'No ticket was made.');
  return prepared.next;
}

/** Somebody else was first, or it was taken away meanwhile: whatever rests on it does not happen. */
function found(isThere: boolean): void {
  if (isThere) return;
  throw new Problem('authenticator/gone', 'It is not there any more.', { status: 410 });
}
