import { describe, expect, it } from 'vitest';
import type { Flow } from '../../core/flow/flow.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import { stepOf } from './challenge.ts';

const binding = (shape: unknown, asks?: boolean | 'sometimes', policies: readonly unknown[] = []) =>
  ({
    stage: {
      submission:
        shape === null ? null : { shape, ...(asks === undefined ? {} : { asks: () => asks }) },
    } as unknown as AnyStage,
    policies: { match: 'all', bindings: policies },
  }) as Flow['stages'][number];

describe('the step number', () => {
  const [name, silent, password] = [binding({}), binding(null), binding({})];
  const stages = [name, silent, password];
  const at = (cursor: number, designation: Flow['designation'] = 'authentication') =>
    stepOf({ designation, stages }, { plan: { cursor } });

  it('counts only stages that ask', () => {
    expect(at(0)).toEqual({ index: 1, count: 2 });
    expect(at(2)).toEqual({ index: 2, count: 2 });
  });

  it('is left out if at most one stage asks', () => {
    expect(at(1)).toBeNull();
    const flow = { designation: 'authentication', stages: [silent, name] } as const;
    expect(stepOf(flow, { plan: { cursor: 1 } })).toBeNull();
  });

  it.each([
    ['a policy may leave out', binding({}, true, [{}])],
    ['sometimes passes without asking', binding({}, 'sometimes')],
  ])('UI-steps: is not numbered in a flow with a stage that %s', (_, unsure) => {
    for (const order of [
      [name, unsure],
      [unsure, name, password],
    ]) {
      const flow = { designation: 'configuration', stages: order } as const;
      for (const cursor of order.keys()) expect(stepOf(flow, { plan: { cursor } })).toBeNull();
    }
  });

  it('skips stages that never ask under their options', () => {
    const flow = {
      designation: 'authentication',
      stages: [name, binding({}, false), password],
    } as const;
    expect(stepOf(flow, { plan: { cursor: 2 } })).toEqual({ index: 2, count: 2 });
  });

  it('is left out when signing out', () => {
    expect(at(0, 'invalidation')).toBeNull();
  });
});
