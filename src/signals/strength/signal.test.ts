import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aQuery, signalTools } from '../../../test/support/signal-query.ts';
import type { Json } from '../../core/values/json.ts';
import type { Signal } from '../../core/access/signal.ts';
import { createEstimator } from './estimator.ts';
import { READY } from './thread.ts';
import { strength } from './signal.ts';

const LONG = 60_000;
let signal: Signal;
beforeAll(async () => {
  signal = await strength.open({}, signalTools());
});
afterAll(() => signal.close());

const scoreOf = async (password: Json, more: Readonly<Record<string, Json>> = {}) =>
  signal.gather(aQuery({ prompt: { ...more, password } }), 'password', AbortSignal.timeout(LONG));

describe('the strength of a password', () => {
  it.each([
    ['password', 0],
    ['P4$$w0rd1', 1],
    ['qwertyuiop', 0],
    ['correct horse battery', 4],
    ['plum-otter-canvas-41', 4],
  ])('%j is %d', async (password, score) => {
    expect(await scoreOf(password)).toBe(score);
  });

  it('is lower for a password made of the user’s own data', async () => {
    const word = 'zyxwvutbqo';
    expect(await scoreOf(word)).toBeGreaterThan((await scoreOf(word, { nick: word })) as number);
    expect(await scoreOf('Ann Example')).toBeLessThan(2);
  });

  it.each([
    ['one letter', 'a'.repeat(10_000)],
    ['a pattern', 'ab'.repeat(5_000)],
    ['letters of many spellings', '4@8({[<3691!|1075$5+7%2'.repeat(400)],
    ['digits', '1234567890'.repeat(1_000)],
    ['dates', '1.1.91/12-12-1999 '.repeat(600)],
    ['emoji', '\u{1F608}'.repeat(5_000)],
    ['half of an emoji', '\ud83d'.repeat(5_000)],
    ['control characters', '\0\u202e\u0000'.repeat(3_000)],
    ['names from JavaScript', '__proto__constructor'.repeat(500)],
  ])('of ten thousand characters is estimated in time: %s', async (_, password) => {
    const deadline = AbortSignal.timeout(strength.deadline);
    const query = aQuery({ prompt: { password } });
    expect([0, 1, 2, 3, 4]).toContain(await signal.gather(query, 'password', deadline));
  });

  it('is null without input, and has no value if no password is requested', async () => {
    expect(await scoreOf(null)).toBeNull();
    for (const password of [42, true, ['a'], { password_hash: 'x' }]) {
      expect(await scoreOf(password)).toBeUndefined();
    }
    for (const field of ['pin', '__proto__', 'constructor', '', null]) {
      const query = aQuery({ prompt: { password: 'a' } });
      expect(await signal.gather(query, field, AbortSignal.timeout(LONG))).toBeUndefined();
    }
    const nothing = aQuery({ prompt: null });
    expect(await signal.gather(nothing, 'password', AbortSignal.timeout(LONG))).toBeUndefined();
  });
});

describe('the estimator', () => {
  const job = { password: 'correct horse', own: [] };

  it('rejects excess work at once, and continues with the rest', async () => {
    const estimator = createEstimator();
    const many = Array.from({ length: 20 }, () =>
      estimator.estimate(job, AbortSignal.timeout(LONG)),
    );
    const done = await Promise.allSettled(many);
    // One is running, sixteen are queued.
    expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(17);
    await estimator.close();
  });

  it('ends at its deadline, and serves the next', async () => {
    const estimator = createEstimator();
    const controllers = [new AbortController(), new AbortController()];
    const [running, waiting] = controllers.map(({ signal: one }) => estimator.estimate(job, one));
    const next = estimator.estimate(job, AbortSignal.timeout(LONG));
    for (const controller of controllers) controller.abort();
    await expect(running).rejects.toThrow('too long');
    await expect(waiting).rejects.toThrow('too long');
    expect(await next).toBe(3);
    await estimator.close();
  });

  it('ends its idle thread, and starts another when it is needed', async () => {
    const estimator = createEstimator({ idle: 0 });
    for (let i = 0; i < 2; i += 1) {
      expect(await estimator.estimate(job, AbortSignal.timeout(LONG))).toBe(3);
      await new Promise(setImmediate);
    }
    await estimator.close();
  });

  it('that is closed ends all waits', async () => {
    const estimator = createEstimator();
    const waiting = Promise.allSettled(
      [1, 2].map(() => estimator.estimate(job, AbortSignal.timeout(LONG))),
    );
    await estimator.close();
    expect((await waiting).map((one) => one.status)).toEqual(['rejected', 'rejected']);
  });
});

/** A thread whose loading and replies are controlled by the test. */
function slowThreads() {
  const threads: (EventEmitter & { jobs: unknown[]; isEnded: boolean })[] = [];
  const load = (): Worker => {
    const thread = Object.assign(new EventEmitter(), {
      jobs: [] as unknown[],
      isEnded: false,
      postMessage: (job: unknown) => void thread.jobs.push(job),
      terminate: () => {
        thread.isEnded = true;
        return Promise.resolve(0);
      },
      ref: () => undefined,
      unref: () => undefined,
    });
    threads.push(thread);
    return thread as unknown as Worker;
  };
  return { threads, load };
}

describe('STRENGTH-cold: an estimator that loads slowly', () => {
  const job = { password: 'correct horse', own: [] };

  it('is waited for and never ended: the second try at the latest succeeds', async () => {
    const { threads, load } = slowThreads();
    const estimator = createEstimator({ load, idle: 0 });
    const first = new AbortController();
    const tried = estimator.estimate(job, first.signal);
    first.abort();
    await expect(tried).rejects.toThrow('too long');
    await new Promise(setImmediate);
    expect(threads.map(({ isEnded }) => isEnded)).toEqual([false]);
    const again = estimator.estimate(job, new AbortController().signal);
    threads[0]?.emit('message', READY);
    expect(threads[0]?.jobs).toEqual([job]);
    threads[0]?.emit('message', 3);
    expect(await again).toBe(3);
    expect(threads).toHaveLength(1);
    await estimator.close();
  });

  it('begins to load when it is warmed, once', async () => {
    const { threads, load } = slowThreads();
    const estimator = createEstimator({ load });
    estimator.warm();
    estimator.warm();
    expect(threads).toHaveLength(1);
    threads[0]?.emit('message', READY);
    const score = estimator.estimate(job, new AbortController().signal);
    threads[0]?.emit('message', 4);
    expect(await score).toBe(4);
    await estimator.close();
  });

  it('is kept when its visitor left during an estimate', async () => {
    const { threads, load } = slowThreads();
    const estimator = createEstimator({ load });
    const first = new AbortController();
    const tried = estimator.estimate(job, first.signal);
    threads[0]?.emit('message', READY);
    first.abort();
    await expect(tried).rejects.toThrow('too long');
    const again = estimator.estimate(job, new AbortController().signal);
    threads[0]?.emit('message', 1);
    threads[0]?.emit('message', 3);
    expect(await again).toBe(3);
    expect(threads[0]?.isEnded).toBe(false);
    await estimator.close();
  });

  it('is ended only when a running estimate exceeds its limit', async () => {
    const { threads, load } = slowThreads();
    const estimator = createEstimator({ load, limit: 1 });
    const stuck = estimator.estimate(job, new AbortController().signal);
    threads[0]?.emit('message', READY);
    await expect(stuck).rejects.toThrow('took too long');
    expect(threads[0]?.isEnded).toBe(true);
    const next = estimator.estimate(job, new AbortController().signal);
    expect(threads).toHaveLength(2);
    await estimator.close();
    await expect(next).rejects.toThrow('closed');
  });
});
