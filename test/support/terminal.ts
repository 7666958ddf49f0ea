/** A terminal for command lines: a context with prepared input, and the recorded output. */
import { fakeLinks, ISSUER } from './fake-source.ts';
import { run } from '../../src/cli/program.ts';
import type { CommandContext, Settings } from '../../src/cli/shell/context.ts';
import { NO_POLICIES } from '../../src/core/policy/policy.ts';
import type { SignalSource } from '../../src/core/access/signal.ts';
import type { Flow } from '../../src/core/flow/flow.ts';
import type { WritableDirectory } from '../../src/core/people/directory.ts';
import type { User } from '../../src/core/people/user.ts';
import type { Expectation } from '../../src/core/setup/expectation.ts';
import type { Snapshot } from '../../src/core/setup/snapshot.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import { type FakeAccounts, fakeAccounts } from './fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeRandom,
  fakeSessions,
  fakeVault,
  testUser,
} from './fakes.ts';
import { testBinding, testSnapshot } from './snapshot.ts';

/** Two stages, one of them with a policy. */
export const FLOW: Flow = {
  name: 'login',
  title: 'Sign in <here>',
  designation: 'authentication',
  requires: 'anyone',
  policies: NO_POLICIES,
  denied: { action: 'message', text: null },
  texts: new Map(),
  digest: 'd',
  stages: [
    {
      id: 'identification',
      stage: { type: 'identification' } as never,
      config: { by: ['email'] },
      policies: NO_POLICIES,
      validators: NO_POLICIES,
      onInvalid: 'retry',
      at: 'flows/login.yaml:4',
    },
    {
      id: 'second',
      stage: { type: 'dummy' } as never,
      config: {},
      policies: { match: 'any', bindings: [testBinding(true, { name: 'office', negate: true })] },
      validators: NO_POLICIES,
      onInvalid: 'restart',
      at: 'flows/login.yaml:5',
    },
  ],
};

/** A writable directory; records each hash. */
export function users(...known: User[]): WritableDirectory & { hashes: Map<string, string> } {
  const base = fakeDirectory(...known);
  const byId = new Map(known.map((user) => [user.id, user]));
  const hashes = new Map<string, string>();
  const create: WritableDirectory['create'] = async (user, hash) => {
    const made = testUser({ ...user, id: `fake/${user.name}` });
    byId.set(made.id, made);
    base.put(made);
    if (hash !== null) hashes.set(made.id, hash);
    return made;
  };
  return {
    ...base,
    hashes,
    create,
    createAll: (entries, { isTrial = false } = {}) =>
      Promise.all(
        entries.map(({ user, passwordHash }) =>
          isTrial ? Promise.resolve(testUser(user)) : create(user, passwordHash),
        ),
      ),
    async update(id, changes) {
      const made = { ...(byId.get(id) as User), ...changes };
      byId.set(id, made);
      base.put(made);
      return made;
    },
    async setPassword(id, hash) {
      hashes.set(id, hash);
    },
    async delete(id) {
      byId.delete(id);
      base.remove(id);
    },
    async list(after, limit) {
      const all = [...byId.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return all.filter((u) => after === null || u.name > after).slice(0, limit);
    },
  };
}

/** The context of a command line; all have a default. */
export interface Setting {
  readonly snapshot?: Snapshot;
  readonly settings?: Partial<Settings>;
  readonly people?: ReturnType<typeof users>;
  readonly sessions?: ReturnType<typeof fakeSessions>;
  /** Accounts at sources; none unless given. */
  readonly links?: ReturnType<typeof fakeLinks>;
  readonly accounts?: FakeAccounts;
  readonly tests?: readonly Expectation[];
  readonly signals?: SignalSource;
  /** Standard input. */
  readonly stdin?: string | null;
  /** Replies at prompts; given only if there is a terminal. */
  readonly answers?: string[];
  readonly context?: Partial<CommandContext>;
}

/** Runs a command line and returns the outcome. */
export async function doorward(
  line: string | readonly string[],
  setting: Setting = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const people = setting.people ?? users();
  const sessions = setting.sessions ?? fakeSessions();
  const links = setting.links ?? fakeLinks();
  const snapshot = setting.snapshot ?? { ...testSnapshot(), flows: new Map([['login', FLOW]]) };
  const context: CommandContext = {
    version: '0.1.0',
    clock: fakeClock(),
    random: fakeRandom(),
    vault: fakeVault(),
    terminal: {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      isInteractive: setting.answers !== undefined,
      ask: () => Promise.resolve(setting.answers?.shift() ?? ''),
      firstLine: () => Promise.resolve(setting.stdin ?? null),
    },
    passwords: { hash: (password) => Promise.resolve(`hash(${password})`) },
    serve: () => Promise.resolve(0),
    load: async ({ file }) => ({
      ok: true,
      loaded: {
        snapshot,
        settings: {
          file,
          listen: ['127.0.0.1:4747'],
          grpcListen: '127.0.0.1:4748',
          adminListen: null,
          trusts: snapshot.isTrustedProxy,
          ...setting.settings,
        },
        tests: setting.tests ?? [],
      },
    }),
    formatFaults: (faults) =>
      faults.map((f) => `${f.file}:${f.line}:${f.col} ${f.message}\n`).join(''),
    isCommonPassword: async (password) => password === 'password1',
    inspect: async () => [],
    advise: async () => [],
    adviseOnUsers: async () => [],
    openStores: async () =>
      ({ sessions, ping: async () => {}, close: async () => {} }) as Partial<Stores> as Stores,
    openAccounts: async () => ({ ...(setting.accounts ?? fakeAccounts()), ...links }),
    openMail: async () => null,
    issuerOf: (_loaded, name) => (name === 'company' ? ISSUER : null),
    openSignals: async () => ({
      source: setting.signals ?? (async () => ({})),
      close: async () => {},
    }),
    openDirectories: async () => people,
    openUsers: async () => people,
    databaseVersion: async () => ({ name: 'database files in data', parts: [] }),
    copyDatabase: async () => ({ from: 'here', to: 'there', tables: [] }),
    readText: async () => null,
    readExport: async () => ({ product: 'Authelia', entries: [], ignored: [] }),
    jsonSchema: async (kind) => ({ title: kind }),
    ...setting.context,
  };
  const code = await run(context, typeof line === 'string' ? line.split(' ') : line);
  return { code, out, err };
}
