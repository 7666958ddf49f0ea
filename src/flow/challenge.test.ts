import { describe, expect, it } from 'vitest';
import type { Flow } from '../core/flow.ts';
import type { AnyStage } from '../core/stage.ts';
import { stepOf } from './challenge.ts';

const binding = (answer: unknown) =>
  ({ stage: { answer } as unknown as AnyStage }) as Flow['stages'][number];

describe('the place in a flow', () => {
  const [name, silent, password] = [binding({}), binding(null), binding({})];
  const stages = [name, silent, password];
  const at = (ask: typeof name | null, designation: Flow['designation'] = 'authentication') =>
    stepOf({ designation, stages }, { ask: ask === null ? null : ({ binding: ask } as never) });

  it('counts what people are asked, and nothing else', () => {
    expect(at(name)).toEqual({ index: 1, count: 2 });
    expect(at(password)).toEqual({ index: 2, count: 2 });
  });

  it('is not told where nothing is asked, or only one thing', () => {
    expect(at(null)).toBeNull();
    const flow = { designation: 'authentication', stages: [silent, name] } as const;
    expect(stepOf(flow, { ask: { binding: name } as never })).toBeNull();
  });

  it('is not told on the way out', () => {
    expect(at(name, 'invalidation')).toBeNull();
  });
});
