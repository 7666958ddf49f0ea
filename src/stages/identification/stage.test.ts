import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { identification } from './stage.ts';

const parsed = (words: Record<string, unknown>) => identification.config.parse(words);

const open = async (options: Record<string, unknown>) => {
  const flow = testFlow('login', [
    { type: 'identification', ...options },
    { type: 'message', title: 'Next', text: 'x' },
  ]);
  const engine = flowEngine({ flows: [flow] });
  const browser = flowBrowser(engine);
  return { engine, browser, page: await browser.open('/flow/login') };
};

describe('identification', () => {
  it.each([
    [['username'], 'text', 'identification.login.username'],
    [['email'], 'email', 'identification.login.email'],
    [['email', 'username'], 'text', 'identification.login.either'],
  ])('by %j asks in a field of kind %s', async (by, kind, key) => {
    const { page } = await open({ by });
    expect(page.view.challenge.fields).toEqual([
      expect.objectContaining({ kind, name: 'login', label: { key }, autocomplete: 'username' }),
    ]);
  });

  it('continues with an unknown username as with a known one', async () => {
    for (const login of ['ann', 'nobody', '  ann@example.com ']) {
      const { browser, page } = await open({});
      const next = await browser.submit(page, { login });
      expect(next.view.challenge.title).toEqual({ literal: 'Next' });
    }
  });

  it.each(['', '   ', '\u3000', 'a\u0000b', 'ﷺ'.repeat(200)])(
    'queries no directory for %j',
    async (login) => {
      const { engine, browser, page } = await open({});
      engine.directory.fault = new Error('asked');
      const again = await browser.submit(page, { login });
      expect(again.status).toBe(200);
      expect(again.view.challenge.type).toBe('identification');
      expect(again.view.rejection).not.toBeNull();
    },
  );

  it('accepts no password on its own, and requires one if configured', async () => {
    const alone = await open({});
    const given = await alone.browser.submit(alone.page, { login: 'ann', password: 'right' });
    expect(given.view.rejection).toEqual({ key: 'identification.incomplete' });
    const both = await open({ with_password: true });
    const missing = await both.browser.submit(both.page, { login: 'ann', password: '' });
    expect(missing.view.rejection).toEqual({ key: 'identification.incomplete' });
    expect(both.engine.throttle.counts.get('account:password:fake/ann')).toBeUndefined();
  });

  it('gives a verified user only together with the password', () => {
    expect(identification.claims(parsed({ by: ['username'] })).gives).toEqual(['identified']);
    expect(
      identification.claims(parsed({ by: ['username'], with_password: true })).gives,
    ).toContain('verified');
  });

  it.each([
    [{}, { title: 'wiki', host: 'wiki.example.com' }],
    [{ show_apps: false }, null],
  ])('under %j names the requesting app: %j', async (options, app) => {
    const { browser } = await open(options);
    const page = await browser.open('/flow/login?rd=https%3A%2F%2Fwiki.example.com%2F');
    expect(page.view.app).toEqual(app);
    const json = await browser.send('/api/flow/login?rd=https%3A%2F%2Fwiki.example.com%2F');
    expect(json.view.app).toEqual(app);
    // The next page belongs to another stage.
    const next = await browser.submit(page, { login: 'ann' });
    expect(next.view.app).not.toBeNull();
  });

  it.each([[[]], [['phone']], [['email', 'email']]])('refuses by: %j', (by) => {
    expect(identification.config.safeParse({ by }).success).toBe(false);
  });
});
