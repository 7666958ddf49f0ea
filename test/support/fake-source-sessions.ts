/** What sessions keep of their sources, in memory, as the contract says. */
import {
  namesOf,
  namesWithdrawn,
  type SourceSession,
  type SourceSessions,
} from '../../src/core/sources/source-session.ts';
import type { Ticket } from '../../src/core/people/session.ts';
import type { Clock, Vault } from '../../src/core/values/system.ts';
import { fakeClock, fakeVault } from './fakes.ts';

interface Record {
  readonly secret: string;
  readonly kept: SourceSession;
  readonly revision: number;
}

/** Does not end with its session: there is no store behind it. */
export function fakeSourceSessions(
  vault: Vault = fakeVault(),
  clock: Clock = fakeClock(),
): SourceSessions & { readonly all: Map<string, Record> } {
  const all = new Map<string, Record>();
  const withdrawn = new Map<string, number>();
  const idOf = (ticket: Ticket): string => vault.name('session', ticket.id);
  return {
    all,
    async keep(ticket, kept) {
      const names = Object.values(namesOf(vault, kept));
      if (names.some((name) => (withdrawn.get(name) ?? 0) >= kept.vouchedAt)) return false;
      all.set(idOf(ticket), { secret: ticket.secret, kept, revision: 1 });
      return true;
    },
    async read(ticket) {
      const found = all.get(idOf(ticket));
      return found?.secret === ticket.secret ? { ...found.kept, revision: found.revision } : null;
    },
    async replace(ticket, kept, revision) {
      const id = idOf(ticket);
      if (all.get(id)?.revision !== revision) return false;
      const { revision: _, ...rest } = { revision: 0, ...kept };
      all.set(id, { secret: ticket.secret, kept: rest, revision: revision + 1 });
      return true;
    },
    async forget(ticket) {
      all.delete(idOf(ticket));
    },
    async withdraw(withdrawal) {
      const names = namesWithdrawn(vault, withdrawal);
      for (const name of names) withdrawn.set(name, clock.now());
      return [...all].flatMap(([id, { kept }]) =>
        Object.values(namesOf(vault, kept)).some((name) => names.includes(name)) ? [id] : [],
      );
    },
  };
}
