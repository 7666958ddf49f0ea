/**
 * The tools of the command line, joined: configuration, state and users of a file. What is heavy
 * is loaded by the command that needs it, or --help would wait for all of it.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Chosen, CommandContext, ExitCode, Loaded } from '../cli/shell/context.ts';
import { createTerminal } from '../cli/shell/terminal.ts';
import { formatFaults } from '../config/faults/fault.ts';
import type { Loaded as Configuration, LoadInput } from '../config/load.ts';
import type { ListenAddress } from '../config/settings/listen-address.ts';
import type { EventSink } from '../core/access/event.ts';
import type { WritableDirectory } from '../core/people/directory.ts';
import type { Passwords } from '../core/people/password.ts';
import type { Advice } from '../core/setup/advice.ts';
import type { Json } from '../core/values/json.ts';
import { asProblem } from '../core/values/problem.ts';
import { chainDirectories } from '../directories/chain.ts';
import { guardNames } from '../directories/names.ts';
import { createPasswords } from '../passwords/passwords.ts';
import { oneWayName } from '../tickets/secrets.ts';
import type { Backing } from './adapters.ts';
import { effectiveSecrets } from './first-run.ts';

export const version: string = manifest.version;

const SHIPPED_FLOWS = join(import.meta.dirname, '../../flows');

/** Loads a configuration with the real lists; the environment is this process's own unless given. */
export async function load(
  { file, flags }: Chosen,
  { env = process.env, ...more }: Partial<Pick<LoadInput, 'background' | 'demos' | 'env'>> = {},
): Promise<Configuration> {
  const [{ loadConfiguration }, { lists }] = await Promise.all([
    import('../config/load.ts'),
    import('./adapters.ts'),
  ]);
  return loadConfiguration({
    file,
    flags,
    cwd: process.cwd(),
    env,
    lists,
    shippedFlows: SHIPPED_FLOWS,
    ...more,
  });
}

type Good = Extract<Configuration, { ok: true }>;

/** Commands print what is wrong themselves, so events are dropped. */
const silent: EventSink = { emit: () => undefined };

/** The tools; `serve` is handed in. Configurations are loaded with `env`. */
export function createCommandContext(
  serve: (chosen: Chosen) => Promise<ExitCode>,
  env: LoadInput['env'] = process.env,
  passwords: Passwords = createPasswords(),
): CommandContext {
  const configurations = new WeakMap<Loaded, Good>();
  const backingOf = async (loaded: Loaded): Promise<Backing> => {
    const { settings, snapshot } = configurations.get(loaded) as Good;
    const { composeBacking } = await import('./adapters.ts');
    const secrets = await effectiveSecrets(settings.secrets, settings.dataDir);
    return composeBacking({
      settings,
      secrets,
      events: silent,
      passwords,
      issuer: () => snapshot.site.origin,
    });
  };
  async function adviseOnUsers(loaded: Loaded): Promise<readonly Advice[]> {
    const { directories, dataDir } = (configurations.get(loaded) as Good).settings;
    const { adviceOnUsers } = await import('../directories/advice.ts');
    const listed = await Promise.all(
      directories.map(async ({ kind, options }, index) => ({
        path: `directories[${index}]`,
        users: (await kind.users?.(options, { passwords, dataDir })) ?? [],
      })),
    );
    return adviceOnUsers(listed, (hash) => passwords.costOf(hash));
  }
  return {
    version,
    terminal: createTerminal(process),
    clock: { now: () => Date.now() },
    random: { token: (bytes) => randomBytes(bytes).toString('base64url') },
    vault: { name: oneWayName },
    passwords,
    async isCommonPassword(password) {
      const { isCommon } = await import('../signals/common/list.ts');
      return isCommon(password);
    },
    serve,
    async load(chosen) {
      const { file } = chosen;
      const result = await load(chosen, { env });
      if (!result.ok) return { ok: false, faults: result.faults };
      const { snapshot, settings, tests } = result;
      const loaded: Loaded = {
        snapshot,
        tests,
        settings: {
          file,
          listen: settings.listen.map(addressText),
          adminListen: settings.admin === null ? null : addressText(settings.admin),
        },
      };
      configurations.set(loaded, result);
      return { ok: true, loaded };
    },
    formatFaults,
    async inspect(loaded) {
      const { directories, signals } = (configurations.get(loaded) as Good).settings;
      const looks = [
        ...directories.map(({ kind, options }, index) => ({
          path: `directories[${index}]`,
          seen: kind.inspect?.(options, { passwords }),
        })),
        ...signals.map(({ kind, options }) => ({
          path: `signals.${kind.name}`,
          seen: kind.inspect?.(options),
        })),
      ];
      const found = await Promise.all(
        looks.map(async ({ path, seen }) => {
          try {
            await seen;
            return [];
          } catch (caught) {
            // Named fallback: told as one of what is wrong; a start would end here.
            return [{ path, message: asProblem(caught).message }];
          }
        }),
      );
      return found.flat();
    },
    async advise(loaded) {
      const { settings, snapshot } = configurations.get(loaded) as Good;
      const [{ adviceOn }, { speaksTls }] = await Promise.all([
        import('../config/advice.ts'),
        import('../outside/speaks-tls.ts'),
      ]);
      return [
        ...(await adviceOn({ settings, snapshot, speaksTls })),
        ...(await adviseOnUsers(loaded)),
      ];
    },
    adviseOnUsers,
    async openStores(loaded) {
      const backing = await backingOf(loaded);
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
    },
    async openAccounts(loaded) {
      return (await backingOf(loaded)).openAccounts();
    },
    async openSignals(loaded) {
      const backing = await backingOf(loaded);
      await using opened = new AsyncDisposableStack();
      const accounts = await backing.openAccounts();
      opened.defer(() => accounts.close());
      const stores = await backing.openStores();
      opened.defer(() => stores.close());
      const signals = await backing.openSignals({ stores, accounts });
      opened.defer(() => signals.close());
      const all = opened.move();
      return { source: signals.source, close: () => all.disposeAsync() };
    },
    async openDirectories(loaded) {
      const { openDirectories, vault } = await backingOf(loaded);
      return chainDirectories(await openDirectories(), { passwords, vault, events: silent });
    },
    async openUsers(loaded) {
      const { settings } = configurations.get(loaded) as Good;
      if (!settings.directories.some(({ kind }) => kind.type === 'embedded')) return null;
      const opened = await (await backingOf(loaded)).openDirectories();
      const users = opened.find(isWritable);
      const close = () => chainDirectories(opened).close();
      if (users !== undefined) return { ...guardNames(users, opened), close };
      await close();
      return null;
    },
    async readUsersFile(path) {
      const { readUsersFile } = await import('../directories/file/directory.ts');
      return readUsersFile(path, passwords);
    },
    async jsonSchema(kind) {
      const [{ configJsonSchema, flowJsonSchema }, { lists }] = await Promise.all([
        import('../config/schema/json-schema.ts'),
        import('./adapters.ts'),
      ]);
      return (kind === 'config' ? configJsonSchema(lists) : flowJsonSchema(lists)) as Json;
    },
  };
}

/** Whether users can be added to a directory. */
export function isWritable(directory: object): directory is WritableDirectory {
  return 'create' in directory && 'setPassword' in directory;
}

/** An address as it is written in the configuration. */
export function addressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
