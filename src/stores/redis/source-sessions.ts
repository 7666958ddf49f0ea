/** What sessions keep of their sources, in Redis: revision and sealed bytes in one string, deleted with the session. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Ticket } from '../../core/people/session.ts';
import {
  namesOf,
  namesWithdrawn,
  openKept,
  sealKept,
  type SourceSession,
  type SourceSessions,
  WITHDRAWAL_KEPT,
} from '../../core/sources/source-session.ts';
import type { Vault } from '../../core/values/system.ts';
import { type Keys, keysOf } from './keys.ts';
import type { Run } from './link/commands.ts';

/** Those of one Redis. */
export function redisSourceSessions(
  run: Run,
  prefix: string,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): SourceSessions {
  const keys = keysOf(prefix, vault);
  const parts: Parts = { run, keys, clock, vault };
  const idOf = (ticket: Ticket): string => vault.name('session', ticket.id);
  return {
    keep: (ticket, kept, until) => keep(parts, ticket, kept, until),
    async read(ticket) {
      const value = await run((client) => client.getBuffer(keys.kept(idOf(ticket))));
      if (value === null) return null;
      const colon = value.indexOf(0x3a);
      const kept = openKept(vault, ticket, value.subarray(colon + 1));
      return kept === null
        ? null
        : { ...kept, revision: Number(value.toString('latin1', 0, colon)) };
    },
    async replace(ticket, kept, revision) {
      const value = valueOf(vault, ticket, kept, revision + 1);
      const key = keys.kept(idOf(ticket));
      return (await run((client) => client.doorwardReplace(key, String(revision), value))) === 1;
    },
    async forget(ticket) {
      await run((client) => client.del(keys.kept(idOf(ticket))));
    },
    async withdraw(withdrawal) {
      const now = String(clock.now());
      const names = namesWithdrawn(vault, withdrawal);
      const found = await Promise.all(
        names.map((name) => {
          const both = [keys.withdrawn(name), keys.named(name)];
          return run((client) => client.doorwardWithdraw(...both, now, String(WITHDRAWAL_KEPT)));
        }),
      );
      return found.flat();
    },
  };
}

/** What keeping needs. */
interface Parts extends Pick<AdapterTools, 'clock' | 'vault'> {
  readonly run: Run;
  readonly keys: Keys;
}

async function keep(
  { run, keys, clock, vault }: Parts,
  ticket: Ticket,
  kept: SourceSession,
  until: number,
): Promise<boolean> {
  const both = Object.values(namesOf(vault, kept));
  const id = vault.name('session', ticket.id);
  const names = [
    keys.kept(id),
    ...both.map((name) => keys.named(name)),
    ...both.map((name) => keys.withdrawn(name)),
  ];
  const now = clock.now();
  const ttl = Math.max(Math.ceil(until - now), 1);
  const value = valueOf(vault, ticket, kept, 1);
  const args = [kept.vouchedAt, value, ttl, id, until, now];
  return (await run((client) => client.doorwardKeep(...names, ...args))) === 1;
}

function valueOf(vault: Vault, ticket: Ticket, kept: SourceSession, revision: number): Buffer {
  return Buffer.concat([Buffer.from(`${revision}:`), sealKept(vault, ticket, kept)]);
}
