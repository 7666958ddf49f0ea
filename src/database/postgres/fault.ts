/** What kind of fault Postgres reported, and whether to try again. */
import { fieldsOf } from '../../core/values/record.ts';
import type { Fault } from '../fault.ts';

/** SQLSTATEs, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const STATES: Readonly<Record<string, Fault>> = {
  '53100': 'full',
  '25006': 'read-only',
  '42501': 'denied',
  '28000': 'denied',
  '28P01': 'denied',
  '3D000': 'missing',
  XX001: 'damaged',
  XX002: 'damaged',
};

/** The SQLSTATE of an error reply; null for other faults, such as a lost connection. */
function stateOf(caught: unknown): string | null {
  const { code, severity } = fieldsOf(caught);
  return typeof code === 'string' && typeof severity === 'string' ? code : null;
}

/** The kind of anything caught. */
export function postgresFault(caught: unknown): Fault {
  return STATES[stateOf(caught) ?? ''] ?? 'other';
}

/** Whether the transaction was rolled back for a conflict with another one. */
export function isConflict(caught: unknown): boolean {
  return ['40001', '40P01'].includes(stateOf(caught) ?? '');
}

/** Whether the connection ended, in place of a reply; class 57P is a server that stops or starts. */
export function isConnectionLost(caught: unknown): boolean {
  const state = stateOf(caught);
  if (state !== null) return state.startsWith('57P') || state.startsWith('08');
  const { code, message } = fieldsOf(caught);
  // Errors of the system have codes; those of the driver have words alone.
  return typeof code === 'string' || /^(?:Connection terminated|Client has )/.test(String(message));
}

/** An error as the driver has it for a connection that ended. */
export function connectionLost(when: string): Error {
  return new Error(`Connection terminated ${when}`);
}

/** Whether a server had its time, and did not even refuse. */
export function isSilence(caught: unknown): boolean {
  const { code, message } = fieldsOf(caught);
  return code === 'ETIMEDOUT' || /^(?:Query read timeout|timeout expired)/.test(String(message));
}

/** Whether the server replied with this error, so that the connection can be used again. */
export function isReply(caught: unknown): boolean {
  return stateOf(caught) !== null && !isConnectionLost(caught);
}
