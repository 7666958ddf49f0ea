import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, type Seen, testFlow } from '../../../test/support/flow-fakes.ts';
import { question, scripted } from '../../../test/support/scripted-stage.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { AnyStage, Step } from '../../core/flow/stage.ts';
import { stages as real } from '../../stages/index.ts';

const email = (code: string): Effect => ({
  kind: 'send-mail',
  email: { to: 'ann@example.com', template: 'email-code', values: { code }, language: 'en' },
});

/** Emails a code when it is first requested, and again on request. */
const mailing = scripted('mailing', {
  open: (ctx): Step =>
    ctx.learned['sent'] === undefined
      ? {
          kind: 'ask',
          challenge: question('mailing'),
          learned: { sent: 1 },
          effects: [email('1')],
        }
      : { kind: 'ask', challenge: question(`mailing ${JSON.stringify(ctx.learned['sent'])}`) },
  submit: (_ctx, { code, resend }): Step => {
    if (resend !== undefined) {
      const learned = { sent: 2 };
      return { kind: 'ask', challenge: question('mailing'), learned, effects: [email('2')] };
    }
    return code === '1'
      ? { kind: 'pass' }
      : { kind: 'ask', challenge: question('mailing'), reason: { code: 'mailing/wrong' } };
  },
});

/** Creates a riddle and must remember it. */
let riddles = 0;
const riddling = scripted('riddling', {
  open: (ctx): Step => {
    const known = ctx.learned['riddle'];
    if (typeof known === 'string') return { kind: 'ask', challenge: question(known) };
    riddles += 1;
    const riddle = `riddle ${riddles}`;
    return { kind: 'ask', challenge: question(riddle), learned: { riddle } };
  },
  submit: (ctx, { answer }): Step => {
    const challenge = question(JSON.stringify(ctx.learned['riddle']));
    return answer === ctx.learned['riddle']
      ? { kind: 'pass' }
      : { kind: 'ask', challenge, reason: { code: 'riddling/wrong' } };
  },
});

const engineOf = (...stages: AnyStage[]) =>
  flowEngine({
    flows: [
      testFlow(
        'f',
        stages.map((stage) => ({ type: stage.type })),
        {},
        [...real, ...stages],
      ),
    ],
  });
const greeting = scripted('greeting', {
  open: () => ({ kind: 'ask', challenge: question('greeting') }),
  submit: () => ({ kind: 'pass' }),
});
const stageOf = (seen: Seen): string => seen.view.challenge.type;

describe('a challenge that sends an email', () => {
  it('waits for a click if it comes first, however often the page is opened', async () => {
    const engine = engineOf(mailing);
    const browser = flowBrowser(engine);
    const first = await browser.open('/flow/f');
    await browser.open('/flow/f');
    expect(stageOf(first)).toBe('continue');
    expect([engine.emails.all, engine.plans.writes]).toEqual([[], 0]);
    const form = await browser.submit(first);
    expect(stageOf(form)).toBe('mailing 1');
    expect(engine.emails.all).toHaveLength(1);
  });

  it('sends it once, with the submission before it, despite reloads and double submits', async () => {
    const engine = engineOf(greeting, mailing);
    const browser = flowBrowser(engine);
    const first = await browser.open('/flow/f');
    await Promise.all(Array.from({ length: 20 }, () => browser.post(first)));
    const form = await browser.submit(first);
    await browser.open(`/flow/f?plan=${form.view.hidden.plan}`);
    expect(stageOf(form)).toBe('mailing 1');
    expect(engine.emails.all).toHaveLength(1);
  });

  it('sends it again on request, not after a wrong code', async () => {
    const engine = engineOf(greeting, mailing);
    const browser = flowBrowser(engine);
    const form = await browser.submit(await browser.open('/flow/f'));
    const wrong = await browser.submit(form, { code: '7' });
    expect(engine.emails.all).toHaveLength(1);
    const resent = await browser.submit(wrong, { resend: '1' });
    expect([stageOf(resent), resent.view.rejection]).toEqual(['mailing 2', null]);
    expect(engine.emails.all.map((one) => one.values['code'])).toEqual(['1', '2']);
    expect((await browser.submit(resent, { code: '1' })).status).toBe(303);
  });

  it('ends the run if the email cannot be queued', async () => {
    const engine = engineOf(greeting, mailing);
    const browser = flowBrowser(engine);
    const first = await browser.open('/flow/f');
    engine.emails.fault = new Problem('mail/unavailable', 'down', { status: 503 });
    const fault = await browser.submit(first);
    expect([fault.status, fault.view.code]).toEqual([503, 'mail/unavailable']);
    expect(fault.view.text).toEqual({ key: 'flow.problem.mail/unavailable' });
    const [plan] = engine.plans.all.values();
    expect(plan?.state).toBe('stopped');
    expect((await browser.open(`/flow/f?plan=${plan?.id}`)).view.code).toBe('mail/unavailable');
  });

  it('sends at most five an hour to one address, silently', async () => {
    const engine = engineOf(greeting, mailing);
    const pages = [];
    for (let i = 0; i < 8; i += 1) {
      const browser = flowBrowser(engine, `198.51.100.${i}`);
      pages.push(await browser.submit(await browser.open('/flow/f')));
    }
    expect(new Set(pages.map((page) => `${page.status} ${stageOf(page)}`))).toEqual(
      new Set(['200 mailing 1']),
    );
    expect(engine.emails.all).toHaveLength(5);
    expect(engine.events.all.filter((e) => 'result' in e && e.result === 'throttled')).toHaveLength(
      3,
    );
  });

  it('may order an email before a submission, and no other effect', async () => {
    const sly = scripted('sly', {
      claims: () => ({ wants: [], gives: ['session'] }),
      open: () => ({
        kind: 'ask',
        challenge: question('sly'),
        effects: [{ kind: 'start-session', lasts: null, endOthers: false }],
      }),
    });
    const engine = engineOf(greeting, sly);
    const browser = flowBrowser(engine);
    const fault = await browser.submit(await browser.open('/flow/f'));
    expect([fault.status, fault.view.code]).toEqual([500, 'stage/unlawful']);
    expect(engine.plans.writes).toBe(0);
  });
});

describe('a challenge that must be remembered', () => {
  it('is sealed in the page until something is stored', async () => {
    const engine = engineOf(riddling);
    const browser = flowBrowser(engine);
    const one = await browser.open('/flow/f');
    const two = await browser.open('/flow/f');
    expect(engine.plans.writes).toBe(0);
    expect(stageOf(one)).not.toBe(stageOf(two));
    expect((await browser.submit(one, { answer: stageOf(one) })).status).toBe(303);
    expect((await browser.submit(two, { answer: stageOf(two) })).status).toBe(303);
  });

  it('stays the same after a wrong submission, and is useless in another tab', async () => {
    const engine = engineOf(riddling);
    const browser = flowBrowser(engine);
    const one = await browser.open('/flow/f');
    const other = await browser.open('/flow/f');
    const wrong = await browser.submit(one, { answer: stageOf(other) });
    expect([wrong.status, stageOf(wrong)]).toEqual([200, stageOf(one)]);
  });

  it('is stored with the submission that led to it', async () => {
    const engine = engineOf(greeting, riddling);
    const browser = flowBrowser(engine);
    const form = await browser.submit(await browser.open('/flow/f'));
    const again = await browser.open(`/flow/f?plan=${form.view.hidden.plan}`);
    expect(stageOf(again)).toBe(stageOf(form));
    expect((await browser.submit(again, { answer: stageOf(again) })).status).toBe(303);
  });
});
