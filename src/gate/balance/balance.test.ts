import { describe, expect, it } from 'vitest';
import type { Balance } from '../../core/routes/upstream.ts';
import { type Holder, holderOf } from '../visitor/holder.ts';
import { type Candidate, createChoice } from './balance.ts';

interface Fake extends Candidate {
  busy: number;
  out: number;
}

function fakes(count = 3): Fake[] {
  return Array.from({ length: count }, (_, i) => {
    const fake = {
      url: `http://app${i}:8080`,
      busy: 0,
      out: 0,
      standing: { rank: () => fake.out },
    };
    return fake;
  });
}

function visitor(n: number): Holder {
  return { key: `session s${n}`, group: `user u${n}`, isAnonymous: false };
}

const NONE = new Set<Fake>();

function chooser(balance: Balance, members: readonly Fake[]) {
  const choose = createChoice(balance, members);
  return (holder = visitor(0), tried: ReadonlySet<Fake> = NONE) => {
    const chosen = choose(holder, tried);
    return chosen === null ? -1 : members.indexOf(chosen);
  };
}

describe('least_busy', () => {
  it('chooses the member with the fewest open requests', () => {
    const members = fakes();
    const next = chooser('least_busy', members);
    Object.assign(members[0] as Fake, { busy: 4 });
    Object.assign(members[1] as Fake, { busy: 2 });
    Object.assign(members[2] as Fake, { busy: 3 });
    expect([next(), next()]).toEqual([1, 1]);
  });

  it('goes round where there is no difference', () => {
    const next = chooser('least_busy', fakes());
    expect([next(), next(), next(), next()]).toEqual([0, 1, 2, 0]);
  });
});

describe('first', () => {
  it('chooses the first in rotation', () => {
    const members = fakes();
    const next = chooser('first', members);
    expect([next(), next()]).toEqual([0, 0]);
    Object.assign(members[0] as Fake, { out: 1 });
    expect(next()).toBe(1);
  });
});

describe('hash', () => {
  it('keeps a user with one member, in all sessions, and an anonymous visitor by the address', () => {
    const next = chooser('hash', fakes());
    const other = { ...visitor(7), key: 'session another' };
    expect(next(other)).toBe(next(visitor(7)));
    const address = holderOf(null, '2001:db8:1:2::3');
    expect(next(holderOf(null, '2001:db8:1:2::4'))).toBe(next(address));
  });

  it('spreads users, and moves only those of a member that goes out', () => {
    const members = fakes();
    const next = chooser('hash', members);
    const users = Array.from({ length: 900 }, (_, n) => visitor(n));
    const before = users.map((user) => next(user));
    for (const i of [0, 1, 2]) {
      const share = before.filter((chosen) => chosen === i).length;
      expect(share).toBeGreaterThan(200);
      expect(share).toBeLessThan(400);
    }
    Object.assign(members[1] as Fake, { out: 2 });
    const after = users.map((user) => next(user));
    expect(after).not.toContain(1);
    const stay = before.map((chosen, n) => (chosen === 1 ? after[n] : chosen));
    expect(after).toEqual(stay);
  });
});

describe.each<Balance>(['least_busy', 'first', 'hash'])('%s', (balance) => {
  it('tries each member once', () => {
    const members = fakes();
    const next = chooser(balance, members);
    const tried = new Set<Fake>();
    for (let i = 0; i < 3; i += 1) tried.add(members[next(visitor(1), tried)] as Fake);
    expect(tried.size).toBe(3);
    expect(next(visitor(1), tried)).toBe(-1);
  });

  it('takes the one with the least against it if none is in rotation', () => {
    const members = fakes();
    for (const [i, member] of members.entries()) member.out = 3 - i;
    expect(chooser(balance, members)()).toBe(2);
  });
});
