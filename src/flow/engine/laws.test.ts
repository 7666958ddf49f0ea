import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Engine, flowEngine } from '../../../test/support/flow-fakes.ts';
import {
  type Action,
  actions,
  anything,
  coins,
  type Drawn,
  flowOf,
  isLawful,
  live,
  loginFlow,
  poolOf,
  requirement,
  sensible,
  type Truth,
  USERS,
} from '../../../test/support/random-flows.ts';
import type { Requirement } from '../../core/flow/flow.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Proof, Session } from '../../core/people/session.ts';

/** Watches every write; violations are recorded, since the engine would report none of them. */
function watch(engine: Engine, truth: Truth): readonly unknown[] {
  const { plans, sessions } = engine;
  const broken: unknown[] = [];
  const hold = (law: () => void): void => {
    try {
      law();
    } catch (caught) {
      broken.push(caught);
      throw caught;
    }
  };
  const write = plans.write.bind(plans);
  plans.write = async (plan, expected) => {
    const before = plans.all.get(plan.id) ?? null;
    const isWritten = await write(plan, expected);
    const length = engine.live.current.flows.get(plan.flow)?.stages.length ?? 0;
    if (isWritten) hold(() => lawfulMove(before, plan, length));
    return isWritten;
  };
  const begun = (ticketId: string, { userId, proofs }: Session): void => {
    const plan = [...plans.all.values()].find((one) => handedTo(one).includes(ticketId));
    const isTrue = ({ method }: Proof): boolean =>
      truth.has(`${plan?.id} ${plan?.subject?.userId} ${method}`);
    expect(plan?.subject?.userId).toBe(userId);
    expect(plan?.proofs.length).toBeGreaterThan(0);
    expect(plan?.proofs.filter((proof) => !isTrue(proof))).toEqual([]);
    expect(proofs.map((proof) => proof.method)).toEqual(
      expect.arrayContaining(plan?.proofs.map((proof) => proof.method) ?? []),
    );
  };
  const start = sessions.start.bind(sessions);
  sessions.start = (ticket, session) => {
    hold(() => begun(ticket.id, session));
    return start(ticket, session);
  };
  const rotate = sessions.rotate.bind(sessions);
  sessions.rotate = (old, ticket, session) => {
    hold(() => begun(ticket.id, session));
    return rotate(old, ticket, session);
  };
  return broken;
}

function handedTo(plan: Plan): string {
  return Buffer.from(plan.handed?.sealed ?? '', 'base64url').toString();
}

/** What no step may change. */
const fixed = ({ id, flow: name, digest, startedAt, expiresAt, returnTo }: Plan) => [
  id,
  name,
  digest,
  startedAt,
  expiresAt,
  returnTo,
];

function lawfulMove(before: Plan | null, after: Plan, length: number): void {
  expect(after.revision).toBe((before?.revision ?? 0) + 1);
  expect(before?.state ?? 'running').toBe('running');
  expect(after.cursor).toBeGreaterThanOrEqual(0);
  expect(after.cursor).toBeLessThanOrEqual(length);
  if (after.state !== 'stopped') {
    expect(after.state).toBe(after.cursor === length ? 'done' : 'running');
  }
  expect(after.stopped !== undefined).toBe(after.state === 'stopped');
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
  if (before === null) return;
  expect(fixed(after)).toEqual(fixed(before));
}

/** Everything: runs a random flow to its end. */
async function lived(
  stages: readonly Drawn[],
  requires: Requirement,
  tosses: readonly number[],
  done: readonly Action[],
) {
  const truth: Truth = new Set();
  const pool = poolOf(truth);
  const flow = flowOf(stages, requires, tosses, pool);
  const engine = flowEngine({ flows: [flow, loginFlow(pool)], users: USERS, stages: pool });
  const broken = watch(engine, truth);
  const seen = await live(engine, done);
  const started = engine.events.all.filter((e) => e.type === 'session' && e.change !== 'ended');
  return { isLawful: isLawful(flow, pool), broken, seen, started: started.length };
}

describe('for any flow, any verdicts, any order of requests, two browsers and several tabs', () => {
  it('a session starts only on a proof of that run for that user, and plans stay within their states', async () => {
    let started = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, sensible, sensible),
        requirement,
        coins,
        actions,
        async (stages, requires, tosses, done) => {
          const lives = await lived(stages, requires, tosses, done);
          expect(lives.broken).toEqual([]);
          started += lives.started;
        },
      ),
    );
    expect(started).toBeGreaterThan(0);
  });

  it('a flow that the linker accepts never fails', async () => {
    let started = 0;
    await fc.assert(
      fc.asyncProperty(sensible, coins, actions, async (stages, tosses, done) => {
        const lives = await lived(stages, 'anyone', tosses, done);
        fc.pre(lives.isLawful);
        const failed = lives.seen.filter((one) => one.status >= 500);
        expect(failed.map((one) => one.view?.code)).toEqual([]);
        started += lives.started;
      }),
    );
    expect(started).toBeGreaterThan(0);
  });
});
