import { describe, expect, it } from 'vitest';
import { fakeScores } from '../../../test/support/fakes.ts';
import { NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aQuery, gathered, signalTools } from '../../../test/support/signal-query.ts';
import { accountKey, addressKey, loginKey, SCORE_HALVES } from '../../core/people/score.ts';
import type { Session } from '../../core/people/session.ts';
import { reputation } from './signal.ts';

const from = (clientIp: string) => ({ facts: someFacts({ clientIp }) });

async function world() {
  const scores = fakeScores();
  await scores.add(addressKey('2001:db8:1:2::1'), -8, NOON);
  await scores.add(accountKey({ login: 'ann', userId: 'embedded/u1' }), -4, NOON);
  await scores.add(loginKey('ann'), -3, NOON);
  await scores.add(loginKey('nix'), -2, NOON);
  return {
    ask: (changes: Parameters<typeof aQuery>[0]) =>
      gathered(reputation, {}, aQuery(changes), signalTools({ stores: { scores } })),
  };
}

describe('reputation', () => {
  it('is that of the network and of the account', async () => {
    const { ask } = await world();
    expect(await ask(from('2001:db8:1:2:ffff::9'))).toEqual({ address: -8, account: -4 });
    expect(await ask(from('203.0.113.9'))).toEqual({ address: 0, account: -4 });
  });

  it('is that of the submitted login until its user is proved, whatever session is active', async () => {
    const { ask } = await world();
    const other = { ...(aQuery().session as Session), userId: 'embedded/u2' };
    const typed = { login: ' ANN', userId: 'embedded/u1' };
    for (const session of [null, other]) {
      for (const subject of [typed, { ...typed, userId: null }]) {
        expect(await ask({ ...from('203.0.113.9'), session, subject })).toMatchObject({
          account: -3,
        });
      }
    }
    const alias = { ...typed, login: 'ann@example.com' };
    const query = { ...from('203.0.113.9'), session: null, subject: alias };
    expect(await ask(query)).toMatchObject({ account: 0 });
  });

  it('is worth half after half a day', async () => {
    const { ask } = await world();
    const later = { ...from('2001:db8:1:2::1'), now: NOON + SCORE_HALVES };
    expect(await ask(later)).toEqual({ address: -4, account: -2 });
  });

  it('exists for an unknown name, in any spelling', async () => {
    const { ask } = await world();
    const unknown = {
      ...from('203.0.113.9'),
      user: null,
      subject: { login: ' NIX', userId: null },
    };
    expect(await ask(unknown)).toEqual({ address: 0, account: -2 });
  });

  it('is the address alone without a login, and the account alone without an address', async () => {
    const { ask } = await world();
    expect(await ask({ ...from('203.0.113.9'), subject: null })).toEqual({
      address: 0,
      account: null,
    });
    expect(await ask(from('nonsense'))).toEqual({ address: null, account: -4 });
  });

  it('fails with the state', async () => {
    const scores = { ...fakeScores(), read: () => Promise.reject(new Error('away')) };
    const tools = signalTools({ stores: { scores } });
    await expect(gathered(reputation, {}, aQuery(), tools)).rejects.toThrow('away');
  });
});
