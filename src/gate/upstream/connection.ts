/** A connection to one member of an upstream, for what is no request and response: websockets. */
import type { Socket } from 'node:net';
import type { Attempt } from '../balance/standing.ts';
import type { Holder } from '../visitor/holder.ts';
import { connectTo } from './dial.ts';
import type { SentTo } from './exchange.ts';
import type { Group } from './groups.ts';
import type { Member } from './member.ts';
import type { Target } from './target.ts';
import { noWebsockets } from './upstream-problem.ts';
import { isTimeout, isUnreachable } from './upstream-cause.ts';

/** A connection that is ready. Its member counts as busy until the socket closes. */
export interface Connection extends SentTo {
  readonly socket: Socket;
  readonly url: string;
  readonly target: Target;
  /** What was sent over it so far shows: for the standing of the member. */
  readonly attempt: Pick<Attempt, 'answered' | 'unanswered'>;
}

/** Tries the members in the order of the group's choice until one is reached. */
export async function connectToOne(group: Group, holder: Holder): Promise<Connection> {
  const tried = new Set<Member>();
  let last: unknown = new Error('the upstream has no member');
  for (;;) {
    const member = group.choose(holder, tried);
    if (member === null) throw last;
    if (member.sessions !== null) throw noWebsockets();
    tried.add(member);
    const attempt = member.standing.attempt();
    member.busy += 1;
    try {
      const socket = await connected(member);
      socket.once('close', () => {
        member.busy -= 1;
        attempt.abandoned();
      });
      const { url, target } = member;
      const name = group.members.length > 1 ? url : null;
      return { socket, url, target, attempt, member: name, retries: tried.size - 1 };
    } catch (error) {
      // Named fallback: the next member. The last error is thrown if there is none.
      last = error;
      member.busy -= 1;
      if (isUnreachable(error) || isTimeout(error)) attempt.unreached(error);
      else attempt.abandoned();
    }
  }
}

function connected({ target }: Member): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connectTo(target, (error, socket) => {
      if (socket === null) reject(error);
      else resolve(socket);
    });
  });
}
