import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flowBrowser, flowEngine, swapFlows, testFlow } from '../../../test/support/flow-fakes.ts';
import { question, scripted } from '../../../test/support/scripted-stage.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import type { AnyStage, Insertion } from '../../core/flow/stage.ts';
import { stages as real } from '../../stages/index.ts';

/** Requires a set-up before it passes, and passes after the set-up has finished. */
const needing = (...inserts: Insertion[]): AnyStage =>
  scripted('needing', {
    inserts: () => inserts,
    open: (ctx) =>
      ctx.learned['done'] === true ? { kind: 'pass' } : { kind: 'insert', stages: inserts },
  });

const setUp = scripted('set_up', {
  config: z.strictObject({ issuer: z.string() }),
  claims: () => ({ wants: ['owner'], gives: [] }),
  open: (ctx) => ({ kind: 'ask', challenge: question(`set_up of ${ctx.stageId}`) }),
  submit: (_ctx, { code }) =>
    code === '1'
      ? { kind: 'pass', learned: { done: true } }
      : { kind: 'ask', challenge: question('set_up'), reason: { code: 'set_up/wrong' } },
});
const again = scripted('again');
const SET_UP = { type: 'set_up', options: { issuer: 'Us' } };

const engineFor = (stage: AnyStage, before = ['identification', 'password'], more: object = {}) => {
  const stages = [...real, setUp, again, stage];
  const words = [...before.map((type) => ({ type })), { type: stage.type, ...more }];
  const last = { type: 'user_login' };
  return flowEngine({ flows: [testFlow('login', [...words, last], {}, stages)], stages });
};

describe('a stage that inserts another', () => {
  it('runs again after the other has passed, over any number of requests', async () => {
    const engine = engineFor(needing(SET_UP));
    const browser = flowBrowser(engine);
    const shown = await browser.signIn();
    expect(shown.view.challenge.type).toBe('set_up of needing.set_up');
    expect(shown.view.hidden.stage).toBe('needing.set_up');
    const reloaded = await browser.open(`/flow/login?plan=${shown.view.hidden.plan}`);
    expect(reloaded.view.challenge.type).toBe('set_up of needing.set_up');
    const refused = await browser.submit(reloaded, { code: '2' });
    expect(refused.view.challenge.type).toBe('set_up of needing.set_up');
    expect(await browser.session()).toBeNull();
    await browser.submit(refused, { code: '1' });
    expect(await browser.session()).toMatchObject({ userId: 'fake/ann' });
  });

  it('counts as one step with it', async () => {
    const browser = flowBrowser(engineFor(needing(SET_UP)));
    expect((await browser.signIn()).view.step).toEqual({ index: 3, count: 3 });
  });

  it.each<[string, AnyStage, string]>([
    ['of an unknown type', needing({ type: 'nonesuch', options: {} }), 'stage/unfit'],
    [
      'with options it does not take',
      needing({ type: 'set_up', options: { issuer: 7 } }),
      'stage/unfit',
    ],
    ['and asks for it again', needing({ type: 'again', options: {} }), 'stage/again'],
    ['twice at once', needing(SET_UP, SET_UP), 'stage/again'],
    ['of an empty list', needing(), 'stage/again'],
  ])('%s ends the run without a session', async (_name, stage, code) => {
    const browser = flowBrowser(engineFor(stage));
    const end = await browser.signIn();
    expect([end.status, end.view.code]).toEqual([403, code]);
    expect(await browser.session()).toBeNull();
  });

  it('may insert only what it declares', async () => {
    const sly = { ...needing(SET_UP), inserts: () => [] };
    const end = await flowBrowser(engineFor(sly)).signIn();
    expect([end.status, end.view.code]).toEqual([500, 'stage/unlawful']);
  });

  it('never lets an unproved user set up a factor for a known name', async () => {
    const engine = engineFor(needing(SET_UP), ['identification']);
    const browser = flowBrowser(engine);
    const end = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    expect([end.status, end.view.code]).toEqual([500, 'stage/unlawful']);
    expect(engine.plans.writes).toBe(0);
  });

  it('removes the inserted one if its policies skip it meanwhile', async () => {
    let isIn = true;
    const evaluate = () => ({ pass: isIn, reason: { code: 'x' } });
    const gate = { match: 'all' as const, bindings: [testBinding(true, { evaluate })] };
    const browser = flowBrowser(engineFor(needing(SET_UP), undefined, { policies: gate }));
    const shown = await browser.signIn();
    isIn = false;
    const late = await browser.post(shown, { code: '2' });
    expect(await browser.session()).toBeNull();
    expect((await browser.open(late.location)).view.challenge.type).toBe('continue');
  });

  it('drops insertions when the run starts over', async () => {
    const strict = scripted('strict', {
      open: () => ({ kind: 'ask', challenge: question('strict') }),
      submit: () => ({ kind: 'ask', challenge: question('strict'), reason: { code: 'x/wrong' } }),
    });
    const stages = [...real, setUp, needing(SET_UP), strict];
    const words = [
      { type: 'identification' },
      { type: 'password' },
      { type: 'needing' },
      { type: 'strict', onInvalid: 'restart' as const },
    ];
    const engine = flowEngine({ flows: [testFlow('login', words, {}, stages)], stages });
    const browser = flowBrowser(engine);
    const set = await browser.submit(await browser.signIn(), { code: '1' });
    const over = await browser.submit(set, {});
    expect(over.view.challenge.type).toBe('identification');
    const second = await browser.submit(over, { login: 'ann' });
    const shown = await browser.submit(second, { password: 'right' });
    expect(shown.view.challenge.type).toBe('set_up of needing.set_up');
  });

  it('restarts if the flow has changed meanwhile', async () => {
    const stage = needing(SET_UP);
    const engine = engineFor(stage);
    const browser = flowBrowser(engine);
    const shown = await browser.signIn();
    const [flow] = engine.live.current.flows.values();
    if (flow === undefined) throw new Error('no flow');
    swapFlows(engine, [{ ...flow, digest: 'other' }]);
    expect((await browser.post(shown, { code: '1' })).location).toContain('notice=restarted');
    expect(await browser.session()).toBeNull();
  });
});
