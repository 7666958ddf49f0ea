import { describe, expect, it } from 'vitest';
import { createStanding } from './standing.ts';

function member(checks: { fails: number; passes: number } | null = null) {
  const changes: string[] = [];
  const clock = { now: 0 };
  const standing = createStanding({
    now: () => clock.now,
    chance: () => 0.5,
    checks,
    changed: (change) => void changes.push(change),
  });
  return { changes, clock, standing };
}

describe('a member that cannot be reached', () => {
  it('is out at once, and due for one trial after a wait', () => {
    const { standing, clock, changes } = member();
    standing.attempt().unreached(null);
    expect(standing.rank()).toBe(1);
    clock.now = 999;
    expect(standing.rank()).toBe(1);
    clock.now = 1_000;
    expect(standing.rank()).toBe(0);
    const trial = standing.attempt();
    expect(standing.rank()).toBe(1);
    trial.answered();
    expect(standing.rank()).toBe(0);
    expect(changes).toEqual(['ejected', 'returned']);
  });

  it('waits twice as long after each failed trial, a minute at most', () => {
    const { standing, clock } = member();
    standing.attempt().unreached(null);
    for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
      clock.now += wait * 1_000 - 1;
      expect(standing.rank()).toBe(1);
      clock.now += 1;
      expect(standing.rank()).toBe(0);
      standing.attempt().unreached(null);
    }
  });

  it('gets another trial when one shows nothing', () => {
    const { standing, clock } = member();
    standing.attempt().unreached(null);
    clock.now = 1_000;
    standing.attempt().abandoned();
    expect(standing.rank()).toBe(0);
  });

  it('is not held longer by requests from before, nor brought back by their responses', () => {
    const { standing, clock, changes } = member();
    const [early, late, answered] = [standing.attempt(), standing.attempt(), standing.attempt()];
    early.unreached(null);
    late.unreached(null);
    answered.answered();
    expect(changes).toEqual(['ejected']);
    clock.now = 1_000;
    expect(standing.rank()).toBe(0);
  });

  it('comes back with a response while all are out, before its wait is over', () => {
    const { standing, changes } = member();
    standing.attempt().unreached(null);
    standing.attempt().answered();
    expect(standing.rank()).toBe(0);
    expect(changes).toEqual(['ejected', 'returned']);
  });
});

describe('a member that gives no response', () => {
  it('is out after three in a row', () => {
    const { standing } = member();
    for (const end of ['unanswered', 'unanswered', 'answered', 'unanswered', 'unanswered'] as const)
      standing.attempt()[end](null);
    expect(standing.rank()).toBe(0);
    standing.attempt().unanswered(null);
    expect(standing.rank()).toBe(1);
  });

  it('is judged by the first report of each request', () => {
    const { standing } = member();
    const attempt = standing.attempt();
    attempt.answered();
    attempt.unreached(null);
    expect(standing.rank()).toBe(0);
  });
});

describe('health checks', () => {
  it('take a member out and bring it back after so many in a row', () => {
    const { standing, changes } = member({ fails: 2, passes: 2 });
    standing.missed(null);
    standing.passed();
    standing.missed(null);
    expect(standing.rank()).toBe(0);
    standing.missed(null);
    expect(standing.rank()).toBe(2);
    standing.passed();
    standing.missed(null);
    standing.passed();
    expect(standing.rank()).toBe(2);
    standing.passed();
    expect(standing.rank()).toBe(0);
    expect(changes).toEqual(['down', 'up']);
  });

  it('do not end an ejection', () => {
    const { standing } = member({ fails: 1, passes: 1 });
    standing.attempt().unreached(null);
    standing.passed();
    expect(standing.rank()).toBe(1);
    standing.missed(null);
    expect(standing.rank()).toBe(3);
  });
});
