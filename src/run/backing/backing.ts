/** Opens what a gateway stores: state, accounts and directories. The closings close it last of all. */
import type { AccountStore } from '../../accounts/accounts.ts';
import type { Settings } from '../../config/settings/settings.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Mailer } from '../../core/flow/mail.ts';
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Atlas } from '../../core/people/place.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Source } from '../../core/sources/source.ts';
import { chainDirectories } from '../../directories/chain.ts';
import { guardNames } from '../../directories/names.ts';
import type { Metrics } from '../../sinks/metrics/metrics.ts';
import { timedStores } from '../../sinks/metrics/timed-stores.ts';
import { type Backing, composeBacking, systemClock } from './adapters.ts';
import type { Closings } from './closings.ts';
import { isWritable } from './writable.ts';

/** State, what is kept about people, and people, open. */
export interface OpenBacking {
  readonly backing: Backing;
  readonly stores: Stores;
  readonly accounts: AccountStore;
  /** Data from outside, for policies. */
  readonly signals: SignalSource;
  /** Locations of IP addresses, or null if not configured. */
  readonly atlas: Atlas | null;
  /** Null: this gateway sends no mail. */
  readonly mailer: Mailer | null;
  readonly sources: readonly Source[];
  readonly directories: readonly Directory[];
  /** The directory that commands and first users write to, if there is one. */
  readonly users: WritableDirectory | null;
}

/** What is needed to open them. */
export interface BackingParts {
  readonly settings: Settings;
  /** The effective ones. */
  readonly secrets: readonly string[];
  readonly live: Live;
  readonly events: EventSink;
  readonly metrics: Metrics;
  readonly closings: Closings;
  readonly passwords: Passwords;
}

/** Opens all of it. Problems name place and remedy. */
export async function openBacking(parts: BackingParts): Promise<OpenBacking> {
  const { settings, secrets, live, events, metrics, closings, passwords } = parts;
  const backing = composeBacking({
    settings,
    secrets,
    events,
    passwords,
    issuer: () => live.current.site.origin,
  });
  // First of all: opening the state would leave a trace by which a lost accounts file is known.
  const accounts = await backing.openAccounts();
  closings.add(() => accounts.close());
  const state = timedStores(await backing.openStores(), metrics.observeStore);
  closings.add(() => state.close());
  const stores = backing.lasting(state, accounts, (cause) => {
    events.emit({ type: 'fault', code: 'session/ending', requestId: null, cause });
  });
  const mailer = await backing.openMailer();
  closings.add(() => mailer?.close());
  const directories = await backing.openDirectories();
  closings.add(() => Promise.all(directories.map((directory) => directory.close())));
  await guardIds({ directories, accounts, events });
  const sources = await backing.openSources();
  closings.add(() => Promise.all(sources.map((source) => source.close())));
  const { vault } = backing;
  const people = chainDirectories(directories, { passwords, vault, events });
  const signals = await backing.openSignals({ stores, accounts, directories: people });
  closings.add(() => signals.close());
  const writable = directories.find(isWritable) ?? null;
  const users = writable === null ? null : guardNames(writable, directories);
  const { source, atlas } = signals;
  return { backing, stores, accounts, signals: source, atlas, mailer, sources, directories, users };
}

/** Keeps what is stored about a user from a later user with the same name. */
async function guardIds({
  directories,
  accounts,
  events,
}: Pick<OpenBacking, 'directories' | 'accounts'> & Pick<BackingParts, 'events'>): Promise<void> {
  for (const directory of directories) {
    await directory.guardIds?.(async (users) => {
      const { replaced } = await accounts.settleUsers(directory.name, users, systemClock.now());
      for (const id of replaced) {
        const words = `${id} is another user than before: what was stored about the former one is deleted.`;
        const cause = new Problem('directory/replaced', words);
        events.emit({ type: 'fault', code: 'directory/replaced', requestId: null, cause });
      }
    });
  }
}
