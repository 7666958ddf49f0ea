import { describe, expect, it } from 'vitest';
import type { Flow } from '../core/flow.ts';
import type { AnyStage } from '../core/stage.ts';
import { stepOf } from './challenge.ts';

const binding = (answer: unknown) =>
  ({ stage: { answer } as unknown as AnyStage }) as Flow['stages'][number];

describe('the place in a flow', () => {
  const [name, silent, password] = [binding({}), binding(null), binding({})];
  const stages = [name, silent, password];
  const at = (cursor: number, designation: Flow['designation'] = 'authentication') =>
    stepOf({ designation, stages }, { plan: { cursor } });

  it('counts what people are asked, and nothing else', () => {
    expect(at(0)).toEqual({ index: 1, count: 2 });
    expect(at(2)).toEqual({ index: 2, count: 2 });
  });

  it('is not told where nothing is asked, or only one thing', () => {
    expect(at(1)).toBeNull();
    const flow = { designation: 'authentication', stages: [silent, name] } as const;
    expect(stepOf(flow, { plan: { cursor: 1 } })).toBeNull();
  });

  it('is not told on the way out', () => {
    expect(at(0, 'invalidation')).toBeNull();
  });
});
