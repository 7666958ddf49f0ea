import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testUser } from '../../../test/support/fakes.ts';
import { flowEngine, testFlow, type StageWords } from '../../../test/support/flow-fakes.ts';
import { testBinding, testFacts } from '../../../test/support/snapshot.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { advance, createPlan, type Plan } from '../../core/flow/plan.ts';
import type { PolicySet } from '../../core/policy/policy.ts';
import type { AnyStage, Step } from '../../core/flow/stage.ts';
import type { FlowParts } from '../web/handler.ts';
import { commit, type Result } from './commit.ts';
import { createExecutor } from './executor.ts';
import type { Submission } from './submission.ts';
import type { Run } from '../run/run.ts';
import { stages } from '../../stages/index.ts';

const ANN = testUser();
const gateOf = (...bindings: PolicySet['bindings']): PolicySet => ({ match: 'all', bindings });

/** A stage that does what its option says; for steps that no real stage may take. */
function odd(type: string, step: Step, gives: readonly string[] = []): AnyStage {
  return {
    type,
    config: z.strictObject({}),
    submission: { shape: z.strictObject({}) },
    uses: [],
    claims: () => ({ wants: [], gives }),
    texts: { en: {} },
    open: () => Promise.resolve(step),
    submit: () => Promise.resolve(step),
  } as unknown as AnyStage;
}

function settle(parts: FlowParts, plan: Plan, run: Run) {
  return createExecutor(parts).settle(plan, run);
}

/** Submits as the endpoint does: commits what the executor returns. */
async function submit(
  parts: FlowParts,
  { plan, stageId = null }: { readonly plan: Plan; readonly stageId?: string | null },
  values: Submission,
  run: Run,
): Promise<Result> {
  const submitted = await createExecutor(parts).submit(plan, { stageId, values }, run);
  if (submitted.kind === 'moved') return commit(parts, plan, submitted.walked, run);
  return { plan: submitted.plan, moved: false, leave: submitted.leave, cookies: [] };
}

function setUp(flow: Flow, engine = flowEngine({ flows: [flow] })) {
  const now = engine.clock.now();
  const browser = { secret: 'A'.repeat(22), name: 'browser:A' };
  const run: Run = {
    snapshot: engine.live.current,
    flow,
    facts: testFacts({ authority: 'auth.example.com' }),
    requestId: 'r1',
    browser,
    device: null,
    visitor: null,
    elsewhere: null,
    absence: 'session/none',
    username: null,
    ticket: null,
    now,
  };
  const plan = createPlan(flow, { id: 'p1', browser: browser.name, returnTo: null, now });
  return { engine, run, plan };
}

describe('the current stage', () => {
  const yes = testBinding(true);
  const no = testBinding(false);
  const throws = testBinding(true, {
    evaluate: () => {
      throw new Error('malformed');
    },
  });
  it.each<[string, PolicySet, string]>([
    ['no policies: included', gateOf(), 'first'],
    ['a pass: included', gateOf(yes), 'first'],
    ['a failure: skipped', gateOf(no), 'second'],
    ['an error: included', gateOf(throws), 'first'],
    ['a negated error: included', gateOf({ ...throws, negate: true }), 'first'],
    ['an error beside a failure: included', gateOf(no, throws), 'first'],
    ['a missing signal: included', gateOf({ ...yes, needs: ['geo'] }), 'first'],
    [
      'an error in dry-run mode beside a failure: skipped',
      gateOf(no, { ...throws, dryRun: true }),
      'second',
    ],
    ['an expired exception: included', gateOf({ ...no, negate: true, expires: 0 }), 'first'],
    ['an expired pass: included', gateOf({ ...yes, expires: 0 }), 'first'],
    [
      'one on trial whose time is over beside a failure: skipped',
      gateOf(no, { ...yes, expires: 0, dryRun: true }),
      'second',
    ],
    ['any of a failure and a pass: included', { match: 'any', bindings: [no, yes] }, 'first'],
    ['any of a failure and an error: included', { match: 'any', bindings: [no, throws] }, 'first'],
  ])('%s', async (_name, gate, expected) => {
    const flow = testFlow('f', [
      { type: 'message', id: 'first', title: '1', text: '1', policies: gate },
      { type: 'message', id: 'second', title: '2', text: '2' },
    ]);
    const { engine, run, plan } = setUp(flow);
    expect((await settle(engine.deps, plan, run)).ask?.binding.id).toBe(expected);
  });

  it('is evaluated with the user known by then, and again on submission', async () => {
    const seen: (string | null)[] = [];
    const gate = gateOf(
      testBinding(true, {
        evaluate: (input) => {
          seen.push(input.user?.name ?? null);
          return { pass: seen.length < 2, reason: { code: 'x' } };
        },
      }),
    );
    const flow = testFlow('f', [
      { type: 'identification' },
      { type: 'message', id: 'once', title: '1', text: '1', policies: gate },
      { type: 'message', id: 'last', title: '2', text: '2' },
    ]);
    const { engine, run, plan } = setUp(flow);
    const moved = await submit(engine.deps, { plan }, { login: 'ann' }, run);
    const late = await submit(engine.deps, { plan: moved.plan as Plan, stageId: 'once' }, {}, run);
    expect(seen).toEqual(['ann', 'ann']);
    expect(late.moved).toBe(false);
  });
});

describe('opening a page', () => {
  it('asks before a stage that orders effects by itself', async () => {
    const effect = odd('auto', { kind: 'pass', effects: [{ kind: 'end-session' }] });
    const flow = testFlow('f', [{ type: 'auto' }], {}, [effect]);
    const { engine, run, plan } = setUp(flow);
    const settled = await settle(engine.deps, plan, run);
    expect(settled.ask).toMatchObject({ isContinue: true, challenge: { type: 'continue' } });
    expect(engine.plans.writes).toBe(0);
    const done = await submit(engine.deps, { plan, stageId: 'auto' }, {}, run);
    expect(done.plan?.state).toBe('done');
  });

  it('may not prove anything', async () => {
    const sly = {
      ...odd('sly', { kind: 'pass' }, ['verified']),
      open: (ctx: Parameters<AnyStage['open']>[0]) =>
        ctx
          .prove('password', { login: 'ann', userId: ANN.id }, () => Promise.resolve('right'))
          .then(() => ({ kind: 'pass', proved: 'password' })),
    } as AnyStage;
    const { engine, run, plan } = setUp(testFlow('f', [{ type: 'sly' }], {}, [sly]));
    await expect(settle(engine.deps, plan, run)).rejects.toMatchObject({ code: 'stage/unlawful' });
    expect(engine.throttle.counts.size).toBe(0);
  });
});

describe('a stage may not', () => {
  const who = { login: 'ann', userId: ANN.id };
  const start: Step = {
    kind: 'pass',
    effects: [{ kind: 'start-session', lasts: null, endOthers: false }],
  };
  it.each<[string, Step, string[]]>([
    ['identify a user without the claim', { kind: 'pass', identified: who }, []],
    ['claim a proof without the claim', { kind: 'pass', proved: 'password' }, []],
    ['claim an absent proof', { kind: 'pass', proved: 'password' }, ['verified']],
    ['pass without the proof it promises', { kind: 'pass' }, ['verified']],
    ['pass without the user it promises', { kind: 'pass' }, ['identified']],
    ['start a session without the claim', start, []],
  ])('%s', async (_name, step, gives) => {
    const flow = testFlow('f', [{ type: 'odd' }], {}, [odd('odd', step, gives)]);
    const { engine, run, plan } = setUp(flow);
    await expect(submit(engine.deps, { plan }, {}, run)).rejects.toMatchObject({
      code: 'stage/unlawful',
    });
    expect(engine.plans.writes).toBe(0);
    expect(engine.sessions.calls).toEqual([]);
  });

  it('start a session for an unproved user: the plan stops', async () => {
    const all = [...stages, odd('now', start, ['session'])];
    const flow = testFlow('f', [{ type: 'identification' }, { type: 'now' }], {}, all);
    const { engine, run, plan } = setUp(flow);
    const result = await submit(engine.deps, { plan }, { login: 'ann' }, run);
    expect(result.plan).toMatchObject({
      state: 'stopped',
      stopped: { reason: { code: 'session/unproved' } },
    });
    expect(result.cookies).toEqual([]);
    expect(engine.sessions.calls).toEqual([]);
  });
});

describe('the single write', () => {
  const flow = testFlow('f', [
    { type: 'identification' },
    { type: 'password' },
    { type: 'user_login' },
  ]);

  it('comes before the effects, and a request that loses it has none', async () => {
    const { engine, run, plan } = setUp(flow);
    const second = (await submit(engine.deps, { plan }, { login: 'ann' }, run)).plan as Plan;
    const results = await Promise.all(
      [1, 2, 3].map(() =>
        submit(engine.deps, { plan: second, stageId: 'password' }, { password: 'right' }, run),
      ),
    );
    expect(results.filter((r) => r.moved)).toHaveLength(1);
    expect(results.map((r) => r.plan?.state)).toEqual(['done', 'done', 'done']);
    expect(await engine.sessions.count()).toBe(1);
  });

  it('does nothing for a submission to another stage', async () => {
    const { engine, run, plan } = setUp(flow);
    const result = await submit(
      engine.deps,
      { plan, stageId: 'password' },
      { password: 'right' },
      run,
    );
    expect(result.moved).toBe(false);
    expect(engine.plans.writes).toBe(0);
    expect(engine.events.all).toEqual([]);
  });

  it.each([
    ['restart', null],
    ['restart_keeping', 'ann'],
  ] as const)('%s returns to the beginning after a rejection', async (onInvalid, login) => {
    const strict = testFlow('f', [
      { type: 'identification' },
      { type: 'password', onInvalid },
      { type: 'user_login' },
    ]);
    const { engine, run, plan } = setUp(strict);
    const second = (await submit(engine.deps, { plan }, { login: 'ann' }, run)).plan as Plan;
    const back = (await submit(engine.deps, { plan: second }, { password: 'wrong' }, run))
      .plan as Plan;
    expect(back).toMatchObject({ cursor: 0, refused: 1, proofs: [] });
    expect(back.subject?.login ?? null).toBe(login);
    const settled = await settle(engine.deps, back, run);
    expect(settled.ask?.binding.id).toBe('identification');
    expect(settled.rejection?.reason.code).toBe('password/wrong');
  });

  it('emits what happened, without the submission', async () => {
    const { engine, run, plan } = setUp(flow);
    const second = (await submit(engine.deps, { plan }, { login: 'ann' }, run)).plan as Plan;
    const third = (await submit(engine.deps, { plan: second }, { password: 'hunter2' }, run))
      .plan as Plan;
    await submit(engine.deps, { plan: third }, { password: 'right' }, run);
    expect(
      engine.events.all.map((e) =>
        'outcome' in e ? e.outcome : 'result' in e ? e.result : e.type,
      ),
    ).toEqual(['started', 'wrong', 'right', 'session', 'account', 'completed']);
    expect(JSON.stringify([engine.events.all, [...engine.plans.all]])).not.toContain('hunter2');
  });
});

describe('laws, for any flow and any submissions in any order', () => {
  const pool: StageWords[] = [
    { type: 'identification' },
    { type: 'identification', with_password: true },
    { type: 'password' },
    { type: 'password', onInvalid: 'restart' },
    { type: 'user_login' },
    { type: 'user_logout' },
    { type: 'message', title: 'T', text: 'x' },
    { type: 'deny' },
  ];
  const gates = [gateOf(), gateOf(), gateOf(testBinding(false))];
  const [identify, identifyAll, , , login] = pool as [
    StageWords,
    StageWords,
    StageWords,
    StageWords,
    StageWords,
  ];
  // Most flows begin with a name and end with a session; the stages in between are random.
  const between = fc.array(fc.tuple(fc.constantFrom(...pool), fc.constantFrom(...gates)), {
    maxLength: 3,
  });
  const open = gateOf();
  const flows = fc
    .tuple(
      fc.constantFrom(identify, identify, identifyAll),
      between,
      fc.array(fc.constantFrom(login, identify), { maxLength: 2 }),
    )
    .map(([first, some, last]) => [
      [first, open] as const,
      ...some,
      ...last.map((word) => [word, open] as const),
    ])
    .map((words) =>
      testFlow(
        'f',
        words.map(([word, gate], i) => ({ ...word, policies: gate, id: `s${i}` })),
      ),
    );
  const answers = fc.array(
    fc.constantFrom<Record<string, string>>(
      {},
      { login: 'ann' },
      { login: 'ann' },
      { login: 'nix' },
      { password: 'right' },
      { password: 'wrong' },
      { login: 'ann', password: 'right' },
      { login: 'nix', password: 'right' },
    ),
    { minLength: 2, maxLength: 8 },
  );

  it('no session starts without a right proof for that very user, and ended plans never change', async () => {
    await fc.assert(
      fc.asyncProperty(flows, answers, async (flow, given) => {
        const { engine, run, plan: first } = setUp(flow);
        let plan = first;
        for (const answer of given) {
          const before = plan;
          // A stage reached without what it requires may fail: the linker refuses such flows.
          const result = await submit(engine.deps, { plan }, answer, run).catch(() => null);
          plan = result?.plan ?? plan;
          expect(before.state === 'running' ? plan : before).toEqual(plan);
          expect(plan.revision - before.revision).toBeLessThanOrEqual(1);
        }
        const started = engine.events.all.findIndex(
          (e) => e.type === 'session' && e.change !== 'ended',
        );
        const proofs = engine.events.all
          .slice(0, Math.max(0, started))
          .filter((e) => e.type === 'sign-in' && e.result === 'right' && e.userId === ANN.id);
        expect(started < 0 || proofs.length > 0).toBe(true);
        expect(await engine.sessions.count()).toBeLessThanOrEqual(given.length);
      }),
    );
  });

  it('advance never changes an ended plan and never leaves the flow’s bounds', () => {
    const flow = testFlow('f', [
      { type: 'identification' },
      { type: 'password' },
      { type: 'user_login' },
    ]);
    const challenge = { type: 'x', title: { literal: '' }, fields: [], submit: { literal: '' } };
    const step = fc.constantFrom<Step | { kind: 'skip' }>(
      { kind: 'skip' },
      { kind: 'ask', challenge },
      { kind: 'ask', challenge, reason: { code: 'x' } },
      { kind: 'pass' },
      { kind: 'pass', identified: { login: 'bob', userId: 'fake/bob' } },
      { kind: 'pass', proved: 'password' },
      { kind: 'leave', to: 'https://auth.example.com/', via: 'return-to' },
      { kind: 'stop', reason: { code: 'x' }, text: { literal: '' } },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let plan = createPlan(flow, { id: 'p', browser: 'b', returnTo: null, now: 0 });
        for (const one of steps) {
          const next = advance(plan, one, flow, 1).plan;
          expect(plan.state === 'running' ? next : plan).toBe(next);
          const isNamed = 'identified' in one && plan.state === 'running';
          expect(isNamed ? next.proofs : []).toEqual([]);
          expect(next.cursor).toBeLessThanOrEqual(flow.stages.length);
          expect(next.state === 'done').toBe(next.cursor === flow.stages.length);
          expect(JSON.parse(JSON.stringify(next))).toEqual(next);
          plan = next;
        }
      }),
    );
  });
});
