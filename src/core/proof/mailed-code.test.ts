import { describe, expect, it } from 'vitest';
import { fakeMarks } from '../../../test/support/fakes.ts';
import { countingRandom } from '../../../test/support/flow-fakes.ts';
import { createVault } from '../../tickets/vault.ts';
import {
  mailCode,
  mailedCode,
  maskedAddress,
  mayMailAgain,
  takeMailedCode,
  typedCode,
} from './mailed-code.ts';

const vault = createVault(['a secret of thirty-two characters!']);
const about = {
  planId: 'plan',
  to: 'ann@example.com',
  now: 0,
  site: 'Doorward',
  language: 'en',
  before: null,
};
const made = () => {
  const { kept, email } = mailCode({ random: countingRandom(), vault }, about);
  return { kept, code: email.values['code'] ?? '' };
};
const tools = () => ({ vault, marks: fakeMarks() });

describe('an emailed code', () => {
  it('has six digits, which the plan does not contain', () => {
    for (let last = 0; last < 64; last += 1) {
      const random = { token: () => Buffer.alloc(16, last * 4).toString('base64url') };
      const { kept, email } = mailCode({ random, vault }, about);
      expect(email.values['code']).toMatch(/^\d{6}$/);
      expect(Object.values(kept)).not.toContain(email.values['code']);
    }
    expect(made().kept.name).not.toContain(made().code);
  });

  it('is accepted once, in its plan, until it expires', async () => {
    const { kept, code } = made();
    const once = tools();
    expect(await takeMailedCode(once, kept, { planId: 'another', typed: code, now: 1 })).toBe(
      false,
    );
    expect(await takeMailedCode(once, kept, { planId: 'plan', typed: '', now: 1 })).toBe(false);
    expect(
      await takeMailedCode(
        once,
        { ...kept, to: 'bob@example.com' },
        { planId: 'plan', typed: code, now: 1 },
      ),
    ).toBe(false);
    expect(
      await takeMailedCode(once, kept, { planId: 'plan', typed: code, now: 10 * 60_000 }),
    ).toBe(false);
    expect(
      await takeMailedCode(once, kept, { planId: 'plan', typed: code, now: 10 * 60_000 - 1 }),
    ).toBe(true);
    expect(await takeMailedCode(once, kept, { planId: 'plan', typed: code, now: 1 })).toBe(false);
    expect(await takeMailedCode(tools(), null, { planId: 'plan', typed: code, now: 1 })).toBe(
      false,
    );
  });

  it('is accepted from exactly one of fifty concurrent submissions', async () => {
    const { kept, code } = made();
    const once = tools();
    const all = await Promise.all(
      Array.from({ length: 50 }, () =>
        takeMailedCode(once, kept, { planId: 'plan', typed: code, now: 1 }),
      ),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
  });

  it('may be sent again after 30 seconds, five times in all', () => {
    const { kept } = made();
    expect(mayMailAgain(null, 0)).toBe(true);
    expect(mayMailAgain(kept, 29_999)).toBe(false);
    expect(mayMailAgain(kept, 30_000)).toBe(true);
    const second = mailCode({ random: countingRandom(), vault }, { ...about, before: kept });
    expect(second.kept.count).toBe(2);
    expect(mayMailAgain({ ...kept, count: 5 }, 1_000_000)).toBe(false);
  });

  it('is read from a plan, and nothing else is', () => {
    const { kept } = made();
    expect(mailedCode(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    for (const odd of [undefined, null, 7, 'x', [], {}, { ...kept, endsAt: 'never' }]) {
      expect(mailedCode(odd)).toBeNull();
    }
  });

  it('may be typed with spaces and dashes', () => {
    expect(typedCode(' 123 - 456\u00a0')).toBe('123456');
    expect(typedCode('１２３４５６')).toBe('123456');
  });

  it.each([
    ['ann@example.com', 'a•••@example.com'],
    ['a@b.example', 'a•••@b.example'],
    ['', '•••'],
    ['@x', '•••'],
  ])('goes to %j, shown as %j', (address, shown) => {
    expect(maskedAddress(address)).toBe(shown);
  });
});
