import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { question, scripted } from '../../../test/support/scripted-stage.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import { stages as real } from '../../stages/index.ts';

const WIKI = 'https://wiki.example.com/away';

/** Redirects users away, with the same stored value each time. */
const away = scripted('away', {
  open: () => ({
    kind: 'leave',
    to: `${WIKI}?state=one`,
    via: 'return-to',
    learned: { state: 'one' },
  }),
});
const asking = scripted('asking', {
  open: (ctx) =>
    ctx.learned['sent'] === true
      ? { kind: 'ask', challenge: question('back') }
      : { kind: 'ask', challenge: question('asking') },
  submit: () => ({ kind: 'leave', to: WIKI, via: 'return-to', learned: { sent: true } }),
});

function browserFor(...types: AnyStage[]) {
  const known = [...real, ...types];
  const words = [
    ...types.map(({ type }) => ({ type })),
    { type: 'message', title: 'T', text: 'x' },
  ];
  const flow = testFlow('go', words, { designation: 'configuration' }, known);
  const engine = flowEngine({ flows: [flow], stages: known });
  return { engine, browser: flowBrowser(engine) };
}

describe('a stage that redirects away and stores a value', () => {
  it('waits for a click, stores it, and redirects the user', async () => {
    const { engine, browser } = browserFor(away);
    const page = await browser.open('/flow/go');
    expect([page.view.challenge.type, engine.plans.writes]).toEqual(['continue', 0]);
    const end = await browser.post(page);
    expect(end.location).toBe(`${WIKI}?state=one`);
    const [plan] = [...engine.plans.all.values()];
    expect(plan).toMatchObject({ state: 'running', cursor: 0, learned: { state: 'one' } });
  });

  it('redirects a returning user again at once if nothing has changed', async () => {
    const { engine, browser } = browserFor(away);
    await browser.post(await browser.open('/flow/go'));
    const [plan] = [...engine.plans.all.values()];
    const { writes } = engine.plans;
    const again = await browser.open(`/flow/go?plan=${plan?.id}`);
    expect([again.location, engine.plans.writes]).toEqual([`${WIKI}?state=one`, writes]);
  });

  it('may do so after a submission, and finds the value when the user returns', async () => {
    const { engine, browser } = browserFor(asking);
    const end = await browser.post(await browser.open('/flow/go'));
    expect(end.location).toBe(WIKI);
    const [plan] = [...engine.plans.all.values()];
    const back = await browser.open(`/flow/go?plan=${plan?.id}`);
    expect(back.view.challenge.type).toBe('back');
  });
});
