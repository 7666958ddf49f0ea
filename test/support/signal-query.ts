/** Queries and dependencies of signals, for tests of a single signal. */
import type { SignalKind, SignalQuery, SignalTools } from '../../src/core/access/signal.ts';
import { fakeAccounts } from './fake-accounts.ts';
import { fakeClock, fakeEvents, fakeScores } from './fakes.ts';
import { anInput } from './policy-input.ts';

/** Ann with her session at NOON, in a browser without a device cookie. */
export function aQuery(changes: Partial<SignalQuery> = {}): SignalQuery {
  const { signals: _none, ...input } = anInput();
  const subject = { login: 'ann', userId: 'embedded/u1' };
  return { ...input, device: null, subject, ...changes };
}

/** In-memory dependencies. */
export function signalTools(changes: Partial<SignalTools> = {}): SignalTools {
  return {
    clock: fakeClock(),
    accounts: fakeAccounts(),
    stores: { scores: fakeScores() },
    directories: null,
    passwords: { verify: () => Promise.resolve('wrong') },
    events: fakeEvents(),
    atlas: null,
    ...changes,
  };
}

/** Opens a kind with options as in YAML and queries it once. */
export async function gathered(
  kind: SignalKind,
  options: unknown,
  query: SignalQuery,
  tools: SignalTools = signalTools(),
  bound: string | null = null,
): Promise<unknown> {
  const signal = await kind.open(kind.config.parse(options), tools);
  try {
    return await signal.gather(query, bound, AbortSignal.timeout(kind.deadline));
  } finally {
    await signal.close();
  }
}
