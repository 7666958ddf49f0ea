/** Opens the state and the users of a configuration for commands, each only when it is needed. */
import type { CommandContext, Loaded } from '../../cli/shell/context.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Passwords } from '../../core/people/password.ts';
import { asProblem } from '../../core/values/problem.ts';
import { fieldsOf } from '../../core/values/record.ts';
import { chainDirectories } from '../../directories/chain.ts';
import { guardNames } from '../../directories/names.ts';
import type { Backing } from '../backing/adapters.ts';
import { effectiveSecrets } from '../backing/secrets.ts';
import { isWritable } from '../backing/writable.ts';
import type { Configurations } from './configurations.ts';

type State = Pick<
  CommandContext,
  | 'openStores'
  | 'openAccounts'
  | 'openMail'
  | 'issuerOf'
  | 'openSignals'
  | 'openDirectories'
  | 'openUsers'
>;

/** Commands print faults themselves, so events are dropped. */
const silent: EventSink = { emit: () => undefined };

/** Opens the state of these configurations. */
export function createState(configurations: Configurations, passwords: Passwords): State {
  const backingOf = async (loaded: Loaded): Promise<Backing> => {
    const { settings, snapshot } = configurations.of(loaded);
    const { composeBacking } = await import('../backing/adapters.ts');
    const secrets = await effectiveSecrets(settings.secrets, settings.dataDir);
    const issuer = () => snapshot.site.origin;
    return composeBacking({ settings, secrets, events: silent, passwords, issuer });
  };
  return {
    openStores: async (loaded) => openStores(await backingOf(loaded)),
    openAccounts: async (loaded) => (await backingOf(loaded)).openAccounts(),
    async openMail(loaded) {
      const templates = configurations.of(loaded).settings.mail?.templates ?? {};
      const mailer = await (await backingOf(loaded)).openMailer();
      if (mailer === null) return null;
      const { sendNow } = await import('../../mail/direct.ts');
      return {
        send: (email) => sendNow(mailer, templates, email),
        close: () => mailer.close(),
      };
    },
    issuerOf(loaded, name) {
      const source = configurations.of(loaded).settings.sources.find((one) => one.name === name);
      const { issuer, tenants = null } = fieldsOf(source?.options);
      // The accounts of several tenants have the issuers of their tenants.
      return typeof issuer === 'string' && tenants === null ? issuer : null;
    },
    openSignals: async (loaded) => openSignals(await backingOf(loaded)),
    async openDirectories(loaded) {
      const { openDirectories, vault } = await backingOf(loaded);
      return chainDirectories(await openDirectories(), { passwords, vault, events: silent });
    },
    async openUsers(loaded) {
      const { settings } = configurations.of(loaded);
      if (!settings.directories.some(({ kind }) => kind.type === 'embedded')) return null;
      const opened = await (await backingOf(loaded)).openDirectories();
      const users = opened.find(isWritable);
      const close = () => chainDirectories(opened).close();
      if (users !== undefined) return { ...guardNames(users, opened), close };
      await close();
      return null;
    },
  };
}

async function openStores(backing: Backing): ReturnType<State['openStores']> {
  await using opened = new AsyncDisposableStack();
  const accounts = await backing.openAccounts();
  opened.defer(() => accounts.close());
  const state = await backing.openStores();
  opened.defer(() => state.close());
  const faults: unknown[] = [];
  const stores = backing.lasting(state, accounts, (cause) => faults.push(cause));
  const all = opened.move();
  return {
    ...stores,
    async close() {
      await all.disposeAsync();
      // The sessions have ended; that a restored record could still open one must not go unseen.
      if (faults.length > 0) throw asProblem(faults[0]);
    },
  };
}

async function openSignals(backing: Backing): ReturnType<State['openSignals']> {
  await using opened = new AsyncDisposableStack();
  const accounts = await backing.openAccounts();
  opened.defer(() => accounts.close());
  const stores = await backing.openStores();
  opened.defer(() => stores.close());
  const signals = await backing.openSignals({ stores, accounts });
  opened.defer(() => signals.close());
  const all = opened.move();
  return { source: signals.source, close: () => all.disposeAsync() };
}
