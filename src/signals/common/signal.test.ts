import { describe, expect, it } from 'vitest';
import { aQuery, signalTools } from '../../../test/support/signal-query.ts';
import type { Json } from '../../core/values/json.ts';
import { common } from './signal.ts';

const answered = async (prompt: Readonly<Record<string, Json>> | null, field: string | null) => {
  const signal = await common.open({}, signalTools());
  return signal.gather(aQuery({ prompt }), field, AbortSignal.timeout(60_000));
};

describe('a common password', () => {
  it.each([
    '123456',
    'password',
    'Password1',
    'PASSWORD',
    'qwertyuiop',
    'ｐａｓｓｗｏｒｄ',
    ' password ',
    'iloveyou',
    'trustno1',
  ])('is recognized in any form: %j', async (password) => {
    expect(await answered({ password }, 'password')).toBe(true);
  });

  it.each(['', 'plum-otter-canvas-41', 'correct horse battery', 'zq9!vT#m2', '\0', '\ud83d'])(
    'is not %j',
    async (password) => {
      expect(await answered({ password }, 'password')).toBe(false);
    },
  );

  it('is rarely found among passwords that no one uses', async () => {
    const made = Array.from({ length: 2_000 }, (_, i) => `made-up ${i * 7919} words`);
    const found = await Promise.all(made.map((password) => answered({ password }, 'password')));
    expect(found.filter((isCommon) => isCommon === true).length).toBeLessThan(5);
  });

  it('is null without input, and has no value if no password is requested', async () => {
    expect(await answered({ password: null }, 'password')).toBeNull();
    for (const field of ['pin', '__proto__', '', null]) {
      expect(await answered({ password: 'x' }, field)).toBeUndefined();
    }
    expect(await answered({ password: 42 }, 'password')).toBeUndefined();
    expect(await answered(null, 'password')).toBeUndefined();
  });
});
