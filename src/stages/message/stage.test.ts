import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { message } from './stage.ts';

describe('message', () => {
  it('shows the operator’s text and continues after a click', async () => {
    const flow = testFlow('note', [{ type: 'message', title: 'News', text: '<b>x</b>' }], {
      designation: 'configuration',
    });
    const browser = flowBrowser(flowEngine({ flows: [flow] }));
    const page = await browser.open('/flow/note');
    expect(page.view.challenge).toMatchObject({
      title: { literal: 'News' },
      fields: [{ kind: 'text-block', text: { literal: '<b>x</b>' } }],
    });
    expect((await browser.submit(page)).location).toBe('https://auth.example.com/');
  });

  it.each([
    { title: 'x' },
    { text: 'x' },
    { title: '', text: 'x' },
    { title: 'x'.repeat(101), text: 'x' },
    { title: { de: 'Neues' }, text: 'x' },
    { title: { en: 'News', German: 'Neues' }, text: 'x' },
    { title: { en: 'x'.repeat(101) }, text: 'x' },
  ])('refuses options %j', (options) => {
    expect(message.config.safeParse(options).success).toBe(false);
  });
});
