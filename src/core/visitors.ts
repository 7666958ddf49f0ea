/** Who a cookie header belongs to; one answer for every door. Implemented in gate/visitor.ts. */
import type { Visitor } from './decision.ts';
import type { Ticket } from './session.ts';

/** Turns the Cookie header into a visitor. */
export interface Visitors {
  /**
   * The live session and its enabled user, or null for none, two tickets, a damaged, foreign or
   * ended one. Synchronous when remembered. Rejects with a Problem when the store is down.
   */
  find(cookieHeader: string | null): Visitor | null | Promise<Visitor | null>;
  /** The ticket itself, for rotation and sign-out. */
  ticket(cookieHeader: string | null): Promise<Ticket | null>;
}
