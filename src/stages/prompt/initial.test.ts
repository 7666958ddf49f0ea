import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { prompt } from './stage.ts';

const from = (path: string) => ({ from: `user.${path}` });
const FORM: StageWords = {
  type: 'prompt',
  fields: [
    { type: 'text', name: 'shown', label: 'Name', value: from('display_name') },
    { type: 'username', name: 'username', value: from('name') },
    { type: 'email', name: 'email', value: from('email') },
    { type: 'number', name: 'floor', label: 'Floor', value: from('attributes.desk.floor') },
    { type: 'checkbox', name: 'news', label: 'News', value: from('attributes.news') },
    {
      type: 'dropdown',
      name: 'site',
      label: 'Site',
      options: ['N', 'S'],
      value: from('attributes.site'),
    },
    { type: 'text', name: 'odd', label: 'Odd', value: from('attributes.desk'), required: false },
    {
      type: 'text',
      name: 'none',
      label: 'None',
      value: from('attributes.toString'),
      required: false,
    },
  ],
};
const ANN = testUser({
  displayName: 'Ann Example',
  attributes: { desk: { floor: 3 }, news: true, site: 'S' },
});

async function page(flow: ReturnType<typeof testFlow>) {
  const engine = flowEngine({ flows: [LOGIN, flow], users: [ANN] });
  const browser = flowBrowser(engine);
  if (flow.requires === 'session') await browser.signIn();
  return { browser, page: await browser.open(`/flow/${flow.name}`) };
}

const valuesOf = (fields: readonly object[]) =>
  Object.fromEntries(
    fields.map((one) => [
      'name' in one ? one.name : '',
      'value' in one ? one.value : 'checked' in one ? one.checked : undefined,
    ]),
  );

describe('a field that begins with a value of the user', () => {
  it('shows it to the owner, in the type of the field', async () => {
    const { page: seen } = await page(testFlow('profile', [FORM], { requires: 'session' }));
    expect(valuesOf(seen.view.challenge?.fields ?? [])).toEqual({
      shown: 'Ann Example',
      username: 'ann',
      email: 'ann@example.com',
      floor: '3',
      news: true,
      site: 'S',
      odd: undefined,
      none: undefined,
    });
  });

  it('keeps what was typed after an error', async () => {
    const { browser, page: seen } = await page(
      testFlow('profile', [FORM], { requires: 'session' }),
    );
    const again = await browser.submit(seen, { shown: 'Ann', username: 'ann', email: 'x' });
    expect(valuesOf(again.view.challenge?.fields ?? [])).toMatchObject({
      shown: 'Ann',
      email: 'x',
    });
  });

  it('requires the owner, and shows nothing of a user who is only named', async () => {
    const config = prompt.config.parse({ fields: FORM['fields'] });
    expect(prompt.claims(config).wants).toEqual(['identified', 'owner']);
    // As the linker would refuse it.
    const flow = testFlow('odd', [{ type: 'identification' }, FORM]);
    const engine = flowEngine({ flows: [flow], users: [ANN] });
    const browser = flowBrowser(engine);
    const end = await browser.submit(await browser.open('/flow/odd'), { login: 'ann' });
    expect(JSON.stringify(end.view)).not.toContain('Ann Example');
  });

  it.each(['user.groups', 'user.id', 'user.attributes', 'user', 'client.ip', 'user.attributes..x'])(
    'cannot begin with %s',
    (path) => {
      const fields = [{ type: 'text', name: 'a', label: 'A', value: { from: path } }];
      expect(prompt.config.safeParse({ fields }).success).toBe(false);
    },
  );
});
