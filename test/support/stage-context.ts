/**
 * The context of a stage, for tests of all stages: ann at a page of the wiki, and ports over what
 * is known of her.
 */
import type { AnyStage, StageContext, StagePorts } from '../../src/core/flow/stage.ts';
import { createPasskeys } from '../../src/passkeys/passkeys.ts';
import { fakeAccounts, testAuthenticator } from './fake-accounts.ts';
import { fakeLinks, fakeSources } from './fake-source.ts';
import {
  fakeDirectory,
  fakeMarks,
  fakeOutside,
  fakeSessions,
  fakeVault,
  START,
  testSession,
  testUser,
} from './fakes.ts';
import { testFacts } from './snapshot.ts';

/** One app that accepts tokens, open to every visitor. */
export function fakeTokenApps(): StagePorts['apps'] {
  return {
    openTo: () => Promise.resolve([{ id: 'files', title: 'Files', host: 'files.example.com' }]),
    titles: (ids) => ids.map((id) => (id === 'files' ? 'Files' : id)),
  };
}

/** All ports, over what is known of ann; randomness is constant. */
export function stagePorts(changes: Partial<StagePorts> = {}): StagePorts {
  return {
    directories: fakeDirectory(testUser()),
    passwords: { hash: () => Promise.resolve('hash') },
    sessions: fakeSessions(),
    accounts: fakeAccounts([testAuthenticator()]),
    marks: fakeMarks(),
    passkeys: createPasskeys(),
    random: { token: (bytes) => 'A'.repeat(Math.ceil((bytes * 4) / 3)) },
    vault: fakeVault(),
    outside: fakeOutside(),
    users: { directory: 'fake', check: () => Promise.resolve() },
    sources: fakeSources(),
    links: fakeLinks(),
    tokens: fakeAccounts(),
    apps: fakeTokenApps(),
    ...changes,
  };
}

/** The context of a stage under these options; a port it does not declare throws. */
export function stageContext(
  stage: AnyStage,
  config: unknown,
  changes: Partial<StageContext<unknown>> = {},
  ports: StagePorts = stagePorts(),
): StageContext<unknown> {
  const ann = testUser();
  return {
    config,
    flow: { name: 'login', title: 'Sign in', enables: false },
    app: null,
    facts: testFacts({ authority: 'auth.example.com' }),
    subject: { login: 'ann', userId: ann.id },
    user: ann,
    username: null,
    shown: null,
    // For stages that only the subject may run.
    session: stage.claims(config).wants.includes('owner') ? testSession() : null,
    learned: {},
    planId: 'plan',
    stageId: stage.type,
    proofs: [],
    site: {
      origin: 'https://auth.example.com',
      rpId: 'auth.example.com',
      olderRpId: 'example.com',
      name: 'Doorward',
    },
    device: null,
    evaluate: () => Promise.resolve([]),
    admit: () => Promise.resolve([]),
    report: () => undefined,
    nonce: 'nonce',
    expiresAt: START + 1_800_000,
    ports: new Proxy(ports, {
      get(target, name: keyof StagePorts) {
        if (!(stage.uses as readonly string[]).includes(name)) {
          throw new Error(`reached for ${name}, which it does not name`);
        }
        return target[name];
      },
    }),
    now: START,
    prove: async (_method, _subject, verify) => ({ result: await verify({ counts: true }) }),
    checkReturnTo: (url) => url,
    ...changes,
  };
}
