import { describe, expect, it } from 'vitest';
import type { Consent } from '../../core/people/account.ts';
import { fieldOf, loginWith } from '../../../test/support/factors.ts';
import { START } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine } from '../../../test/support/flow-fakes.ts';
import { consent } from './stage.ts';

const DAY = 86_400_000;
const WIKI = '/flow/login?rd=https%3A%2F%2Fwiki.example.com%2F';
const EMAIL = { email: 'Your address' };

async function reach(
  options: Record<string, unknown>,
  given: Partial<Consent>[] = [],
  path = WIKI,
) {
  const engine = flowEngine({ flows: [loginWith({ type: 'consent', ...options })] });
  const browser = flowBrowser(engine);
  const base = { userId: 'fake/ann', route: 'wiki', permissions: [], at: START, expiresAt: null };
  engine.accounts.all.consents = given.map((one) => ({ ...base, ...one }));
  const page = await browser.signIn(path);
  const isShown = page.view?.challenge?.type === 'consent';
  return { engine, browser, page, isShown };
}

describe('consent', () => {
  it('names the app and the permissions, and stores the consent', async () => {
    const { engine, browser, page } = await reach({ permissions: EMAIL });
    expect(page.view.challenge.title).toEqual({ key: 'consent.title', values: { app: 'wiki' } });
    expect(fieldOf(page, 'text-block').text).toEqual({ literal: 'Your address' });
    await browser.submit(page);
    expect(engine.accounts.all.consents).toEqual([
      { userId: 'fake/ann', route: 'wiki', permissions: ['email'], at: START, expiresAt: null },
    ]);
    expect(await browser.session()).not.toBeNull();
  });

  it('ends if declined, and stores nothing', async () => {
    const { engine, browser, page } = await reach({ permissions: EMAIL });
    const end = await browser.submit(page, { decision: 'deny' });
    expect(end.view.text).toEqual({ key: 'consent.denied' });
    expect(engine.accounts.writes).toEqual([]);
    expect(await browser.session()).toBeNull();
  });

  it.each<[string, Record<string, unknown>, Partial<Consent>[], boolean]>([
    ['no consent was given', { permissions: EMAIL }, [], true],
    [
      'every permission was given',
      { permissions: EMAIL },
      [{ permissions: ['email', 'more'] }],
      false,
    ],
    [
      'something is new',
      { permissions: { ...EMAIL, groups: 'G' } },
      [{ permissions: ['email'] }],
      true,
    ],
    ['it was given to another app', {}, [{ route: 'notes' }], true],
    ['it was given by another user', {}, [{ userId: 'fake/bob' }], true],
    ['it has expired', {}, [{ expiresAt: START }], true],
    ['the mode is always', { mode: 'always' }, [{}], true],
    ['it is too old now', { mode: 'expires', expires: '1d' }, [{ at: START - DAY }], true],
    ['it is recent enough', { mode: 'expires', expires: '2d' }, [{ at: START - DAY }], false],
  ])('asks or does not if %s', async (_, options, given, expected) => {
    expect((await reach(options, given)).isShown).toBe(expected);
  });

  it('lasts for the configured time', async () => {
    const { engine, browser, page } = await reach({ mode: 'expires', expires: '30d' });
    await browser.submit(page);
    expect(engine.accounts.all.consents[0]?.expiresAt).toBe(START + 30 * DAY);
  });

  it('stores nothing if it always asks', async () => {
    const { engine, browser, page } = await reach({ mode: 'always' });
    await browser.submit(page);
    expect(engine.accounts.all.consents).toEqual([]);
  });

  it('keeps earlier permissions, but never for longer', async () => {
    const more = { permissions: { groups: 'G' } };
    const kept = await reach(more, [{ permissions: ['email'] }]);
    await kept.browser.submit(kept.page);
    expect(kept.engine.accounts.all.consents[0]?.permissions).toEqual(['email', 'groups']);
    const ending = await reach(more, [{ permissions: ['email'], expiresAt: START + DAY }]);
    await ending.browser.submit(ending.page);
    expect(ending.engine.accounts.all.consents[0]?.permissions).toEqual(['groups']);
  });

  it('does not ask a user who does not come from an app', async () => {
    expect((await reach({}, [], '/flow/login')).isShown).toBe(false);
  });

  it.each([{ mode: 'expires' }, { mode: 'once', expires: '1d' }, { permissions: { 'A b': 'x' } }])(
    'refuses options %j',
    (options) => {
      expect(consent.config.safeParse(options).success).toBe(false);
    },
  );
});
