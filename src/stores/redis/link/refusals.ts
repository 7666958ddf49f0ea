/** What an error reply of Redis means to users and operators, as Problems with codes of their own. */
import { Problem, storeFull, storeUnavailable } from '../../../core/values/problem.ts';
import { cleanCause } from './connect.ts';

/** The Problem for anything a command failed with. */
export function problemOf(caught: unknown): Problem {
  if (caught instanceof Problem) return caught;
  const cause = cleanCause(caught);
  switch (replyCode(cause.message)) {
    case 'OOM':
      return storeFull(cause);
    case 'READONLY':
    case 'MASTERDOWN':
      return notBelieved('store/not-master', 'The session store is no master.', cause);
    case 'NOREPLICAS':
      return notBelieved('store/no-replicas', 'The session store has lost its replicas.', cause);
    case 'MISCONF':
      return notBelieved('store/not-writable', 'The session store cannot write its disk.', cause);
    default:
      return storeUnavailable(cause);
  }
}

/** Whether a command was refused because `maxmemory` is reached. */
export function isFull(caught: unknown): boolean {
  return replyCode(cleanCause(caught).message) === 'OOM';
}

/** The Problem for a server whose `INFO replication` names another role. */
export function notMaster(info: string): Problem {
  const role = /^role:(\w{1,20})/m.exec(info)?.[1] ?? 'unknown';
  const cause = new Error(`the server says role:${role}`);
  return notBelieved('store/not-master', 'The session store is no master.', cause);
}

function notBelieved(code: string, message: string, cause: Error): Problem {
  return new Problem(code, message, { status: 503, retryAfter: 5, cause });
}

/** Redis 6 precedes the error code of a command that a script sent with words of its own. */
const REPLY = /^(?:ERR Error running script [^]*?-)?(OOM|READONLY|MASTERDOWN|NOREPLICAS|MISCONF)\b/;

function replyCode(message: string): string | null {
  return REPLY.exec(message)?.[1] ?? null;
}
