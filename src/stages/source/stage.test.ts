import { describe, expect, it } from 'vitest';
import { fakeSource, fakeSources, testRule } from '../../../test/support/fake-source.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { stageContext, stagePorts } from '../../../test/support/stage-context.ts';
import { source } from './stage.ts';

const config = { source: 'company' };
const context = (sources = fakeSources()) => ({
  ...stageContext(source, config, { subject: null, user: null }, stagePorts({ sources })),
  config,
});

describe('source', () => {
  it('has one button, with the name and the mark of the provider', async () => {
    expect(await source.open(context())).toMatchObject({
      kind: 'ask',
      challenge: {
        type: 'source',
        fields: [
          {
            kind: 'choice',
            name: 'source',
            required: true,
            options: [
              {
                value: 'company',
                label: { key: 'source.continue', values: { source: 'Company' } },
                mark: 'C',
              },
            ],
          },
        ],
      },
    });
  });

  it('leads to the provider and remembers the visit', async () => {
    const step = await source.submit(context(), { source: 'company' });
    expect(step).toMatchObject({
      kind: 'leave',
      via: { source: 'company' },
      learned: { 'source.passage': { stage: 'source', source: 'company' } },
    });
  });

  it.each([{}, { source: 'other' }, { password: 'right' }, { source: '' }])(
    'rejects the submission %j',
    async (given) => {
      const sources = fakeSources(
        { source: fakeSource(), rule: testRule() },
        { source: fakeSource('other'), rule: testRule({ name: 'other' }) },
      );
      expect(await source.submit(context(sources), given)).toMatchObject({
        kind: 'ask',
        reason: { code: 'answer/invalid' },
      });
    },
  );

  it('rejects an answer without a visit', async () => {
    expect(await source.submit(context(), { back: 'code=x&state=y' })).toMatchObject({
      kind: 'ask',
      reason: { code: 'source/state' },
    });
  });

  it('signs no user in by a form that claims to be an answer', async () => {
    const all = fakeSource();
    const flow = testFlow('login', [{ type: 'source', source: 'company' }, { type: 'user_login' }]);
    const engine = flowEngine({ flows: [flow], sources: [{ source: all, rule: testRule() }] });
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const seen = await browser.submit(page, { back: 'code=code-of-x&state=y' });
    expect(seen.view.rejection).toMatchObject({ key: 'flow.source.state' });
    expect([await browser.session(), all.redeemed]).toEqual([null, []]);
  });
});
