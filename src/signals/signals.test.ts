import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fakeEvents } from '../../test/support/fakes.ts';
import { aQuery, signalTools } from '../../test/support/signal-query.ts';
import type { Json } from '../core/values/json.ts';
import type { Signal, SignalKind } from '../core/access/signal.ts';
import { openSignals } from './signals.ts';

const DEADLINE = 2_000;

/** A kind that returns this, and records its queries and aborts. */
function kindOf(name: string, gather: Signal['gather']) {
  const seen = { bounds: [] as (string | null)[], aborted: false, closed: 0 };
  const kind: SignalKind = {
    name,
    config: z.unknown(),
    deadline: DEADLINE,
    open: () =>
      Promise.resolve({
        gather(query, bound, deadline) {
          seen.bounds.push(bound);
          deadline.addEventListener('abort', () => (seen.aborted = true));
          return gather(query, bound, deadline);
        },
        close: () => Promise.resolve(void (seen.closed += 1)),
      }),
  };
  return { kind, seen };
}

async function sourceOf(...kinds: readonly { readonly kind: SignalKind }[]) {
  const events = fakeEvents();
  const configured = kinds.map(({ kind }) => ({ kind, options: {} }));
  const opened = await openSignals(configured, signalTools(), events);
  const ask = (...names: string[]) => opened.source(names, aQuery());
  return { ask, opened, events };
}

const never = (): Promise<Json> => new Promise(() => undefined);
const says = (value: Json) => (): Json => value;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('signals', () => {
  it('are gathered synchronously or later, each under its requested name', async () => {
    const near = kindOf('near', says({ km: 1 }));
    const reused = kindOf('reused', (_, bound) => Promise.resolve(bound === '5'));
    const { ask } = await sourceOf(near, reused);
    expect(await ask('near', 'reused:5', 'reused:5:new')).toEqual({
      near: { km: 1 },
      'reused:5': true,
      'reused:5:new': false,
    });
    expect(near.seen.bounds).toEqual([null]);
    expect(reused.seen.bounds).toEqual(['5', '5:new']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be null or false, which are values, or undefined, which is none', async () => {
    const { ask, events } = await sourceOf(
      kindOf('null', says(null)),
      kindOf('no', says(false)),
      kindOf('none', () => undefined),
      kindOf('later-none', () => Promise.resolve(undefined)),
    );
    expect(await ask('null', 'no', 'none', 'later-none')).toEqual({ null: null, no: false });
    expect(events.all).toEqual([]);
  });

  it('that are late are left out, reported and aborted, and do not delay the others', async () => {
    const slow = kindOf('slow', never);
    const { ask, events } = await sourceOf(slow, kindOf('quick', says(1)));
    const pending = ask('slow', 'quick');
    await vi.advanceTimersByTimeAsync(DEADLINE - 1);
    expect(slow.seen.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await pending).toEqual({ quick: 1 });
    expect(slow.seen.aborted).toBe(true);
    expect(events.all).toMatchObject([{ type: 'fault', code: 'signal/slow' }]);
  });

  it.each<[string, Signal['gather']]>([
    [
      'throw',
      () => {
        throw new Error('broken');
      },
    ],
    ['reject', () => Promise.reject(new Error('broken'))],
  ])('that %s are left out and reported', async (_, gather) => {
    const { ask, events } = await sourceOf(kindOf('broken', gather), kindOf('well', says(1)));
    expect(await ask('broken', 'well')).toEqual({ well: 1 });
    expect(events.all).toMatchObject([{ type: 'fault', code: 'signal/broken' }]);
  });

  it.each(['geo', 'toString', '__proto__', 'constructor:1', ''])(
    'that were not opened do not exist: %j',
    async (name) => {
      const { ask } = await sourceOf(kindOf('other', says(1)));
      const gathered = await ask(name);
      expect(Object.hasOwn(gathered, name)).toBe(false);
    },
  );

  it('are closed together, including those opened before one that fails to open', async () => {
    const [first, second] = [kindOf('first', says(1)), kindOf('second', says(2))];
    const { opened } = await sourceOf(first, second);
    await opened.close();
    expect([first.seen.closed, second.seen.closed]).toEqual([1, 1]);
    const shut: SignalKind = { ...second.kind, open: () => Promise.reject(new Error('no file')) };
    await expect(sourceOf(first, { kind: shut })).rejects.toThrow('no file');
    expect(first.seen.closed).toBe(2);
  });
});
