import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../../test/support/factors.ts';
import { Problem } from '../../core/values/problem.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { prompt } from './stage.ts';

type Fields = readonly Record<string, unknown>[];

/** A form followed by another page, so the stored values can be inspected. */
async function reach(...fields: Fields) {
  const words = [
    { type: 'prompt', fields },
    { type: 'message', title: 'Thanks', text: 'Bye' },
  ];
  const engine = flowEngine({ flows: [testFlow('form', words)] });
  const browser = flowBrowser(engine);
  const page = await browser.open('/flow/form');
  const learned = () => [...engine.plans.all.values()].at(-1)?.learned ?? {};
  const stored = () => JSON.stringify([...engine.plans.all.values()]);
  return { engine, browser, page, learned, stored };
}

const PASSWORDS: Fields = [
  { type: 'password', name: 'password' },
  { type: 'password', name: 'password_repeat' },
];

describe('prompt', () => {
  it('stores submitted values with their types', async () => {
    const { browser, page, learned } = await reach(
      { type: 'text', name: 'team', label: 'Team' },
      { type: 'number', name: 'age', label: 'Age', min: 18, max: 120 },
      { type: 'checkbox', name: 'news', label: 'News' },
      { type: 'checkbox', name: 'terms', label: 'Terms', required: true },
      { type: 'radio', name: 'size', label: 'Size', options: ['s', 'm'] },
      { type: 'dropdown', name: 'floor', label: 'Floor', options: [{ value: '1', label: 'One' }] },
      { type: 'date', name: 'born', label: 'Born' },
      { type: 'locale', name: 'language' },
      { type: 'text', name: 'note', label: 'Note', required: false },
      { type: 'username', name: 'login' },
      { type: 'email', name: 'email' },
      { type: 'separator' },
      { type: 'alert', text: 'Careful' },
    );
    const end = await browser.submit(page, {
      team: ' Blue ',
      age: '42',
      terms: 'on',
      size: 'm',
      floor: '1',
      born: '2000-02-29',
      language: 'de',
      login: 'bob',
      email: 'bob@example.com',
    });
    expect(end.view.challenge.title).toEqual({ literal: 'Thanks' });
    expect(learned()).toEqual({
      'prompt.team': 'Blue',
      'prompt.age': 42,
      'prompt.news': false,
      'prompt.terms': true,
      'prompt.size': 'm',
      'prompt.floor': '1',
      'prompt.born': '2000-02-29',
      'prompt.language': 'de',
      'prompt.note': null,
      'prompt.login': 'bob',
      'prompt.email': 'bob@example.com',
    });
  });

  it('uses the options for hidden and displayed values, whatever is submitted', async () => {
    const { browser, page, learned, stored } = await reach(
      { type: 'hidden', name: 'role', value: 'guest' },
      { type: 'static', name: 'plan_name', label: 'Plan', value: 'free' },
      { type: 'text', name: 'team', label: 'Team' },
    );
    expect(() => fieldOf(page, 'role')).toThrow('no field');
    const sent = { role: 'admin', plan_name: 'gold', team: 'Blue' };
    await browser.submit(page, sent);
    expect(learned()).toMatchObject({ 'prompt.role': 'guest', 'prompt.plan_name': 'free' });
    expect(stored()).not.toMatch(/admin|gold/);
  });

  it('accepts nothing undeclared', async () => {
    const { browser, page, learned } = await reach({ type: 'text', name: 'team', label: 'Team' });
    const again = await browser.submit(page, { team: 'Blue', groups: 'admins' });
    expect(again.view.rejection).toEqual({ key: 'flow.refused.answer' });
    expect(learned()).toEqual({});
  });

  it.each([
    [{ type: 'text', max_length: 3 }, 'four', 'prompt.text.long'],
    [{ type: 'text' }, 'a\nb', 'prompt.text.bad'],
    [{ type: 'text' }, '  ', 'prompt.missing'],
    [{ type: 'username' }, 'a b', 'prompt.username.bad'],
    [{ type: 'username' }, 'ann', 'prompt.username.taken'],
    [{ type: 'email' }, 'ann', 'prompt.email.bad'],
    [{ type: 'password' }, 'short12', 'prompt.password.short'],
    [{ type: 'password' }, 'é'.repeat(513), 'prompt.password.long'],
    [{ type: 'number', min: 3 }, '2', 'prompt.least'],
    [{ type: 'number', max: 3 }, '4', 'prompt.most'],
    [{ type: 'number' }, '1e3', 'prompt.number.bad'],
    [{ type: 'number' }, 'NaN', 'prompt.number.bad'],
    [{ type: 'date' }, '2026-02-29', 'prompt.date.bad'],
    [{ type: 'date', min: '2026-01-01' }, '2025-12-31', 'prompt.least'],
    [{ type: 'radio', options: ['a'] }, 'b', 'prompt.choice.bad'],
    [{ type: 'locale' }, 'fr', 'prompt.choice.bad'],
  ])('reports what is wrong: %o with %j', async (field, typed, key) => {
    const { browser, page, learned } = await reach({ name: 'x', label: 'X', ...field });
    const again = await browser.submit(page, { x: typed });
    expect(again.view.rejection).toEqual({ key: 'prompt.invalid' });
    expect(fieldOf(again, 'x').error?.key).toBe(key);
    expect(learned()).toEqual({});
  });

  it('names a box that must be ticked', async () => {
    const terms = { type: 'checkbox', name: 'terms', label: 'I agree', required: true };
    const { browser, page } = await reach(terms);
    const again = await browser.submit(page);
    expect(again.view.rejection).toEqual({ key: 'prompt.unticked', values: { label: 'I agree' } });
  });

  it('hashes a password and stores it nowhere else', async () => {
    const { browser, page, learned, stored } = await reach(...PASSWORDS);
    const typed = 'correct horse';
    await browser.submit(page, { password: typed, password_repeat: typed });
    expect(learned()).toEqual({ 'prompt.password': { password_hash: 'hash' } });
    expect(stored()).not.toContain(typed);
  });

  it('requires a password twice, and shows neither again', async () => {
    const { browser, page, stored } = await reach(...PASSWORDS);
    const typed = { password: 'correct horse', password_repeat: 'correct house' };
    const again = await browser.submit(page, typed);
    expect(again.view.rejection).toEqual({ key: 'prompt.invalid' });
    expect(again.text).not.toContain('correct');
    expect(stored()).not.toContain('correct');
  });

  it('asks again when too many passwords are hashed at once', async () => {
    const { engine, browser, page } = await reach(...PASSWORDS);
    const busy = new Problem('passwords/busy', 'Too many.', { status: 503 });
    engine.deps.ports.passwords.hash = () => Promise.reject(busy);
    const typed = { password: 'correct horse', password_repeat: 'correct horse' };
    const again = await browser.submit(page, typed);
    expect(again.view.rejection).toEqual({ key: 'prompt.busy' });
  });

  it.each<[string, Fields]>([
    ['no fields', []],
    ['a name twice', [1, 2].map(() => ({ type: 'text', name: 'a', label: 'A' }))],
    ['a reserved name', [{ type: 'text', name: 'csrf', label: 'A' }]],
    ['a prototype name', [{ type: 'text', name: 'constructor', label: 'A' }]],
    [
      'a value that is no option',
      [{ type: 'radio', name: 'a', label: 'A', options: ['b'], value: 'c' }],
    ],
    ['an inverted range', [{ type: 'number', name: 'a', label: 'A', min: 2, max: 1 }]],
    [
      'more text than a plan can hold',
      Array.from({ length: 7 }, (_, i) => ({
        type: 'text',
        name: `t${i}`,
        label: 'T',
        max_length: 1000,
      })),
    ],
    ['an unknown type', [{ type: 'file', name: 'a', label: 'A' }]],
  ])('cannot be declared with %s', (_, fields) => {
    expect(prompt.config.safeParse({ fields }).success).toBe(false);
  });
});
