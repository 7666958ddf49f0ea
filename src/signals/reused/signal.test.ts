import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { aQuery, gathered, signalTools } from '../../../test/support/signal-query.ts';
import type { PasswordVerdict } from '../../core/people/password.ts';
import type { SignalQuery } from '../../core/access/signal.ts';
import { reused } from './signal.ts';

const ANN = 'embedded/u1';

/** Hashes have the form `hash of <password>`; the current password is `now`. */
function world(verify?: (hash: string | null) => PasswordVerdict | null) {
  const verified: (string | null)[] = [];
  const accounts = fakeAccounts();
  const tools = signalTools({
    accounts,
    directories: {
      verifyPassword: (id, typed) => {
        verified.push(`current of ${id}`);
        return Promise.resolve(typed === 'now' ? 'right' : 'wrong');
      },
    },
    passwords: {
      verify: (hash, typed) => {
        verified.push(hash);
        return Promise.resolve(verify?.(hash) ?? (hash === `hash of ${typed}` ? 'right' : 'wrong'));
      },
    },
  });
  const ask = async (typed: unknown, changes: Partial<SignalQuery> = {}, bound = '3:password') => {
    for (const [i, word] of ['first', 'second', 'third', 'fourth'].entries()) {
      if (accounts.all.passwords.length < 4)
        await accounts.rememberPassword(ANN, `hash of ${word}`, i);
    }
    const prompt = { password: typed } as SignalQuery['prompt'];
    return gathered(reused, {}, aQuery({ prompt, ...changes }), tools, bound);
  };
  return { verified, accounts, ask };
}

describe('reused', () => {
  it.each([
    ['now', true],
    ['fourth', true],
    ['second', true],
    ['first', false],
    ['never', false],
  ])('%j among the current and the last three: %s', async (typed, expected) => {
    expect(await world().ask(typed)).toBe(expected);
  });

  it('searches no further than necessary', async () => {
    const { verified, ask } = world();
    await ask('third');
    expect(verified).toEqual([`current of ${ANN}`, 'hash of fourth', 'hash of third']);
  });

  it('of the current one alone needs a count of 0', async () => {
    const { verified, ask } = world();
    expect(await ask('fourth', {}, '0:password')).toBe(false);
    expect(verified).toEqual([`current of ${ANN}`]);
  });

  it('is false for a new user', async () => {
    const { verified, ask } = world();
    expect(await ask('fourth', { user: null, session: null, subject: null })).toBe(false);
    expect(verified).toEqual([]);
  });

  it('has no value for a user who has proved nothing, known or not', async () => {
    const { verified, ask } = world();
    expect(await ask('now', { session: null })).toBeUndefined();
    const unknown = { user: null, session: null, subject: { login: 'nix', userId: null } };
    expect(await ask('now', unknown)).toBeUndefined();
    expect(verified).toEqual([]);
  });

  it('has no value when too many passwords are being hashed', async () => {
    const { ask } = world((hash) => (hash === 'hash of third' ? 'busy' : null));
    expect(await ask('second')).toBeUndefined();
    expect(await ask('fourth')).toBe(true);
  });

  it('fails with the store', async () => {
    const { accounts, ask } = world();
    await ask('never');
    accounts.fault = new Error('away');
    await expect(ask('never')).rejects.toThrow('away');
  });

  it('is null without input, and has no value if no password is requested', async () => {
    const { ask } = world();
    expect(await ask(null)).toBeNull();
    expect(await ask(42)).toBeUndefined();
    for (const bound of ['3:pin', '3:__proto__', '3:', 'password', '', '123:password']) {
      expect(await ask('now', {}, bound)).toBeUndefined();
    }
  });

  it('has no value if no directory is available', async () => {
    const query = aQuery({ prompt: { password: 'now' } });
    expect(await gathered(reused, {}, query, signalTools(), '3:password')).toBeUndefined();
  });
});
