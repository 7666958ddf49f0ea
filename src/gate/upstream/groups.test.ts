import { afterEach, describe, expect, it } from 'vitest';
import { startApp } from '../../../test/support/upstreams.ts';
import { until } from '../../../test/support/until.ts';
import { type HealthCheck, plainUpstream, type UpstreamGroup } from '../../core/routes/upstream.ts';
import { createGroups } from './groups.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Groups whose timers run when a test says so. */
function groupsByHand() {
  const tasks = new Map<() => void, number>();
  const changes: string[] = [];
  const groups = createGroups({
    limits: {},
    now: () => 0,
    chance: () => 0.5,
    later(milliseconds, task) {
      tasks.set(task, milliseconds);
      return () => void tasks.delete(task);
    },
    changed: (url, change) => void changes.push(`${url} ${change}`),
  });
  closing.push(() => groups.close());
  /** Runs what is due after `milliseconds`. */
  const run = (milliseconds: number): void => {
    for (const [task, due] of new Map(tasks)) {
      if (due !== milliseconds || !tasks.delete(task)) continue;
      task();
    }
  };
  return { groups, changes, run, waits: () => [...tasks.values()].toSorted((a, b) => a - b) };
}

const UP: HealthCheck = {
  path: '/up',
  every: 10_000,
  timeout: 5_000,
  fails: 2,
  passes: 1,
  statuses: null,
};

function checked(url: string): UpstreamGroup {
  return { ...plainUpstream(url, 1_000), health: UP };
}

describe('upstreams over a reload', () => {
  it('keep the standing and the counts of what stays', () => {
    const { groups } = groupsByHand();
    const before = { ...plainUpstream('http://a', 1_000), urls: ['http://a', 'http://b'] } as const;
    groups.keep([before]);
    const [a] = groups.of(before).members;
    a?.standing.attempt().unreached(null);
    // The time limit is not part of it.
    const same = { ...before, timeout: 5_000 };
    groups.keep([same]);
    expect(groups.of(same)).toBe(groups.of(before));
    const more = { ...before, urls: [...before.urls, 'http://c'] } as const;
    groups.keep([more]);
    expect(groups.of(more).members[0]).toBe(a);
    expect(groups.watched().map(({ standing }) => standing.rank())).toEqual([1, 0, 0]);
  });

  it('close what is gone', () => {
    const { groups } = groupsByHand();
    const one = plainUpstream('http://a', 1_000);
    const [member] = groups.of(one).members;
    groups.keep([]);
    expect(member?.pool.closed).toBe(true);
  });
});

describe('health checks', () => {
  it('run for members in force alone, and end with them', () => {
    const { groups, waits } = groupsByHand();
    groups.of(checked('http://nowhere'));
    expect(waits()).toEqual([]);
    groups.keep([checked('http://a'), checked('http://b'), plainUpstream('http://c', 1)]);
    expect(waits()).toEqual([500, 500]);
    groups.keep([checked('http://a')]);
    expect(waits()).toEqual([500]);
    groups.keep([]);
    expect(waits()).toEqual([]);
  });

  it('take a member out and bring it back', async () => {
    let status = 503;
    const app = await startApp((_, response) => response.writeHead(status).end());
    closing.push(() => app.close());
    const { groups, changes, run, waits } = groupsByHand();
    groups.keep([checked(app.url)]);
    for (const [wait, answer, change] of [
      [500, 503, []],
      [10_000, 503, [`${app.url} down`]],
      [10_000, 204, [`${app.url} down`, `${app.url} up`]],
    ] as const) {
      status = answer;
      run(wait);
      await until('the next check waits', () => waits()[0] === 10_000);
      expect(changes).toEqual(change);
    }
    expect(app.seen.map(({ url }) => url)).toEqual(['/up', '/up', '/up']);
  });

  it('fail where no response comes in time', async () => {
    const app = await startApp(() => undefined);
    closing.push(() => app.close());
    const { groups, changes, run, waits } = groupsByHand();
    groups.keep([checked(app.url)]);
    for (const [i, wait] of [500, 10_000].entries()) {
      run(wait);
      await until('the check has arrived', () => app.seen.length === i + 1);
      expect(waits()).toEqual([5_000]);
      run(5_000);
    }
    expect(changes).toEqual([`${app.url} down`]);
  });
});
