import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOON } from '../../../test/support/policy-input.ts';
import { aFlow } from '../../../test/support/tables.ts';
import type { Effect } from './effect.ts';
import type { Flow, OnInvalid } from './flow.ts';
import { advance, createPlan, fits, PLAN_LIFETIME, type Plan, type Skip } from './plan.ts';
import type { Step } from './stage.ts';

const start = (flow: Flow) =>
  createPlan(flow, { id: 'p1', browser: 'b1', returnTo: null, now: NOON });

const challenge = {
  type: 'test',
  title: { key: 't' },
  submit: { key: 's' },
  fields: [
    {
      kind: 'text',
      name: 'login',
      label: { key: 'l' },
      value: 'ann',
      required: true,
      maxLength: 9,
    },
    {
      kind: 'password',
      name: 'password',
      label: { key: 'p' },
      autocomplete: 'current-password',
      required: true,
      maxLength: 9,
    },
  ],
} as const;
const effect: Effect = { kind: 'start-session', lasts: null, endOthers: false };

const subject = fc.record({
  login: fc.constantFrom('ann', 'bob'),
  userId: fc.constantFrom(null, 'embedded/1', 'embedded/2'),
});
const step: fc.Arbitrary<Step | Skip> = fc.oneof(
  fc.constant<Skip>({ kind: 'skip' }),
  fc.constant<Step>({ kind: 'ask', challenge }),
  fc.constant<Step>({ kind: 'ask', challenge, learned: { c: 1 }, effects: [effect] }),
  fc.constant<Step>({ kind: 'ask', challenge, reason: { code: 'password/wrong' } }),
  fc.constant<Step>({ kind: 'leave', to: 'https://provider.example', via: 'return-to' }),
  fc.constant<Step>({ kind: 'stop', reason: { code: 'deny/text' }, text: { literal: 'no' } }),
  fc
    .record(
      {
        identified: subject,
        proved: fc.constantFrom('password', 'totp'),
        learned: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3), { maxKeys: 2 }),
        effects: fc.constant([effect]),
      },
      { requiredKeys: [] },
    )
    .map((parts): Step => ({ kind: 'pass', ...parts })),
);
const flow = fc
  .array(fc.constantFrom<OnInvalid>('retry', 'restart', 'restart_keeping'), { maxLength: 5 })
  .map((handling) => aFlow(handling));
const run = (given: Flow, steps: readonly (Step | Skip)[]): Plan =>
  steps.reduce<Plan>((plan, one) => advance(plan, one, given, NOON).plan, start(given));

/** Properties of one step after any run. */
function holds(law: (before: Plan, one: Step | Skip, given: Flow) => void): void {
  fc.assert(
    fc.property(flow, fc.array(step, { maxLength: 8 }), step, (given, steps, one) => {
      law(run(given, steps), one, given);
    }),
  );
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

describe('a plan', () => {
  it('starts at the first stage, without a user, proofs or stored values', () => {
    expect(start(aFlow(['retry']))).toMatchObject({
      revision: 0,
      cursor: 0,
      state: 'running',
      subject: null,
      proofs: [],
      learned: {},
      refused: 0,
      expiresAt: NOON + PLAN_LIFETIME,
    });
    expect(start(aFlow([])).state).toBe('done');
  });

  it.each([
    ['in another flow', { flow: 'logout' }],
    ['in a flow that has changed since', { digest: 'd0' }],
    ['in another browser', { browser: 'b2' }],
    ['after its end', { expiresAt: NOON }],
    ['with the format of another version', { v: 2 }],
  ])('cannot continue %s', (_, change) => {
    const given = aFlow(['retry']);
    expect(fits(start(given), given, 'b1', NOON)).toBe(true);
    expect(fits({ ...start(given), ...change } as Plan, given, 'b1', NOON)).toBe(false);
  });

  it('does not move and returns no effects once it has ended', () => {
    holds((before, one, given) => {
      for (const state of ['done', 'stopped'] as const) {
        const ended = { ...before, state };
        expect(advance(ended, one, given, NOON)).toEqual({ plan: ended, effects: [] });
      }
    });
  });

  it('is done after its last stage and not before', () => {
    holds((before, one, given) => {
      const { plan } = advance(before, one, given, NOON);
      expect(plan.cursor).toBeLessThanOrEqual(given.stages.length);
      expect(plan.state === 'done').toBe(plan.cursor === given.stages.length);
    });
  });

  it('moves by one stage at a time, when a stage passes or is skipped', () => {
    holds((before, one, given) => {
      const { plan } = advance(before, one, given, NOON);
      const isForward = before.state === 'running' && (one.kind === 'pass' || one.kind === 'skip');
      expect(isForward ? [before.cursor + 1] : [0, before.cursor]).toContain(plan.cursor);
    });
  });

  it('returns the effects of a stage that asks or passes, and no others', () => {
    holds((before, one, given) => {
      const { effects } = advance(before, one, given, NOON);
      const has = before.state === 'running' && (one.kind === 'ask' || one.kind === 'pass');
      expect(effects).toEqual(has ? (one.effects ?? []) : []);
    });
  });

  it('gains a user and proofs only from a stage that passed', () => {
    holds((before, one, given) => {
      const { plan } = advance(before, one, given, NOON);
      if (one.kind === 'pass') return;
      expect([before.subject, null]).toContainEqual(plan.subject);
      expect(plan.proofs.length).toBeLessThanOrEqual(before.proofs.length);
      const added = one.kind === 'ask' ? (one.learned ?? {}) : {};
      expect({ ...before.learned, ...added }).toMatchObject(plan.learned);
    });
  });

  it('never applies the proofs of one user to another', () => {
    holds((before, one, given) => {
      const { plan } = advance(before, one, given, NOON);
      if (JSON.stringify(plan.subject) === JSON.stringify(before.subject)) return;
      const proved = before.state === 'running' && one.kind === 'pass' ? one.proved : undefined;
      expect(plan.proofs.map((p) => p.method)).toEqual(proved === undefined ? [] : [proved]);
    });
  });

  it('counts rejected submissions, and starts over or keeps its user as configured', () => {
    holds((before, _, given) => {
      if (before.state !== 'running') return;
      const refused: Step = { kind: 'ask', challenge, reason: { code: 'password/wrong' } };
      const { plan } = advance(before, refused, given, NOON);
      const onInvalid = given.stages[before.cursor]?.onInvalid;
      expect(plan.refused).toBe(before.refused + 1);
      expect(plan.cursor).toBe(onInvalid === 'retry' ? before.cursor : 0);
      expect(plan.subject).toEqual(onInvalid === 'restart' ? null : before.subject);
      expect(plan.proofs).toEqual(onInvalid === 'retry' ? before.proofs : []);
      expect(plan.learned).toEqual(onInvalid === 'retry' ? before.learned : {});
    });
  });

  it('never changes its id, browser, flow, end, return address or revision', () => {
    holds((before, one, given) => {
      const { plan } = advance(before, one, given, NOON);
      const { v, id, flow: name, digest, browser, startedAt, expiresAt, returnTo } = before;
      expect(plan).toMatchObject({ v, id, flow: name, digest, browser, startedAt, expiresAt });
      expect([plan.returnTo, plan.revision]).toEqual([returnTo, before.revision]);
    });
  });

  it('is plain JSON, and a step returns a copy', () => {
    holds((before, one, given) => {
      const frozen = deepFreeze(structuredClone(before));
      const { plan } = advance(frozen, deepFreeze(one), given, NOON);
      expect(frozen).toEqual(before);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    });
  });
});
