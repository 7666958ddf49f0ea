/**
 * What a configuration may name, and what is kept behind a gateway or a command: state, people,
 * keys. Loads nothing of the gateway itself, so that commands need not wait for it.
 */

import { randomBytes } from 'node:crypto';
import { type AccountStore, openAccounts, openSharedAccounts } from '../../accounts/accounts.ts';
import { lastingSessions } from '../../accounts/endings/lasting-sessions.ts';
import type { Lists } from '../../config/settings/lists.ts';
import type { Settings } from '../../config/settings/settings.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { SignalTools } from '../../core/access/signal.ts';
import type { Mailer } from '../../core/flow/mail.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Tickets } from '../../core/people/session.ts';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Source } from '../../core/sources/source.ts';
import type { Clock, Random, Vault } from '../../core/values/system.ts';
import { skeletonOf } from '../../directories/embedded/skeleton.ts';
import { directories } from '../../directories/index.ts';
import { flowTexts } from '../../flow/web/texts.ts';
import { mailers } from '../../mailers/index.ts';
import { openProviderDoor } from '../../outside/provider-door.ts';
import { policies } from '../../policies/index.ts';
import { signals } from '../../signals/index.ts';
import { type Signals as OpenSignals, openSignals } from '../../signals/signals.ts';
import { sources } from '../../sources/index.ts';
import { stages } from '../../stages/index.ts';
import { stores } from '../../stores/index.ts';
import { type Assertions, createAssertions } from '../../tickets/assertion.ts';
import { createTickets } from '../../tickets/iron.ts';
import { createVault } from '../../tickets/vault.ts';
import { openPaired } from './pairing.ts';

/** Everything a configuration may name. */
export const lists: Lists = {
  stages,
  policies,
  signals,
  stores,
  directories,
  sources,
  mailers,
  texts: flowTexts,
};

export const systemClock: Clock = { now: () => Date.now() };
export const systemRandom: Random = { token: (bytes) => randomBytes(bytes).toString('base64url') };

/** What is kept behind a gateway or a command: opened together, closed together. */
export interface Backing {
  readonly vault: Vault;
  readonly tickets: Tickets;
  readonly passwords: Passwords;
  readonly assertions: Assertions;
  /** Opens the state as it lies in its store; `lasting` keeps its endings. */
  readonly openStores: () => Promise<Stores>;
  /** The same state, whose ended sessions stay ended even when their records are put back. */
  readonly lasting: (
    stores: Stores,
    accounts: AccountStore,
    onFault: (cause: unknown) => void,
  ) => Stores;
  /** Opens what is kept about people beside their directories. */
  readonly openAccounts: () => Promise<AccountStore>;
  /** Opens what policies may need to know from outside; the caller's to close, before those it is given. */
  readonly openSignals: (
    kept: Pick<SignalTools, 'stores' | 'accounts'> & Partial<Pick<SignalTools, 'directories'>>,
  ) => Promise<OpenSignals>;
  /** Makes the way to send mail ready, or null without one; connects to nothing yet. */
  readonly openMailer: () => Promise<Mailer | null>;
  /** Makes every configured source ready, in order; connects to none yet. */
  readonly openSources: () => Promise<readonly Source[]>;
  /** Opens every configured directory, in order. */
  readonly openDirectories: () => Promise<readonly Directory[]>;
}

/** What adapters are made of. */
export interface BackingOptions {
  readonly settings: Settings;
  /** The effective ones, at least one. */
  readonly secrets: readonly string[];
  readonly events: EventSink;
  readonly passwords: Passwords;
  /** Origin of the portal, as assertions name it. */
  readonly issuer: () => string;
}

/** The adapters of a configuration, not yet opened. */
export function composeBacking(parts: BackingOptions): Backing {
  const { settings, secrets, events, passwords, issuer } = parts;
  const { dataDir, database } = settings;
  const vault = createVault(secrets);
  const tools: AdapterTools = {
    clock: systemClock,
    random: systemRandom,
    vault,
    passwords,
    events,
    skeleton: skeletonOf,
    dataDir,
    database,
  };
  return {
    vault,
    passwords,
    tickets: createTickets(secrets),
    assertions: createAssertions(secrets, issuer),
    openStores: () => settings.state.kind.open(settings.state.options, tools),
    lasting: (state, accounts, onFault) => ({
      ...state,
      sessions: lastingSessions(state.sessions, { accounts, clock: systemClock, vault, onFault }),
    }),
    openAccounts: () =>
      openPaired({
        dataDir,
        database,
        isEmbedded: settings.directories.some(({ kind }) => kind.type === 'embedded'),
        random: systemRandom,
        events,
        open: () => (database === null ? openAccounts(tools) : openSharedAccounts(database, tools)),
      }),
    openSignals: (kept) =>
      openSignals(
        settings.signals,
        { directories: null, ...kept, clock: systemClock, passwords },
        events,
      ),
    async openMailer() {
      const { mail } = settings;
      return mail === null ? null : mail.kind.open(mail.options, tools);
    },
    openDirectories: () =>
      openAll(settings.directories, ({ kind, options }) => kind.open(options, tools)),
    openSources: () =>
      openAll(settings.sources, ({ name, kind, options }) =>
        kind.open(options, { name, clock: systemClock, openDoor: openProviderDoor }),
      ),
  };
}

/** Opens one after another; closes those that are open if one cannot be opened. */
async function openAll<S, T extends { close(): Promise<void> }>(
  settings: readonly S[],
  open: (setting: S) => Promise<T>,
): Promise<readonly T[]> {
  const opened: T[] = [];
  try {
    for (const setting of settings) opened.push(await open(setting));
  } catch (error) {
    await Promise.all(opened.map((one) => one.close()));
    throw error;
  }
  return opened;
}
