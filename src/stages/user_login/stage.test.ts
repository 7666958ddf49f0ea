import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { userLogin } from './stage.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const flowWith = (...logins: readonly Record<string, unknown>[]) =>
  testFlow('login', [
    { type: 'identification' },
    { type: 'password' },
    ...logins.map((options, i) => ({ type: 'user_login', id: `login-${i}`, ...options })),
  ]);

async function reach(...logins: readonly Record<string, unknown>[]) {
  const engine = flowEngine({ flows: [flowWith(...logins)] });
  const browser = flowBrowser(engine);
  const page = await browser.signIn();
  return { engine, browser, page };
}

describe('user_login', () => {
  it.each([
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('reads lasts: %s', (lasts, milliseconds) => {
    expect(userLogin.config.parse({ lasts }).lasts).toBe(milliseconds);
  });

  it.each(['0s', '12', 'forever', '-1h', '99999d', 5])('refuses lasts: %s', (lasts) => {
    expect(userLogin.config.safeParse({ lasts }).success).toBe(false);
  });

  it.each([
    ['1h', HOUR],
    ['36h', 36 * HOUR],
    ['30d', 30 * DAY],
    ['400d', 400 * DAY],
  ])('reads remember_me: %s', (written, milliseconds) => {
    expect(userLogin.config.parse({ remember_me: written }).remember_me).toBe(milliseconds);
  });

  it.each(['401d', '9601h', '59m', '90m', '30s', '0d', true, ''])(
    'refuses remember_me: %s',
    (written) => {
      expect(userLogin.config.safeParse({ remember_me: written }).success).toBe(false);
    },
  );

  it.each([
    ['network', ['network']],
    ['geo', ['geo']],
    [
      ['geo', 'network'],
      ['geo', 'network'],
    ],
  ])('reads bind: %j', (bind, bonds) => {
    expect(userLogin.config.parse({ bind }).bind).toEqual(bonds);
  });

  it.each([[[]], [['network', 'network']], ['device'], [true]])('refuses bind: %j', (bind) => {
    expect(userLogin.config.safeParse({ bind }).success).toBe(false);
  });

  it('requires an identified and verified user', () => {
    expect(userLogin.claims({ end_other_sessions: false })).toEqual({
      wants: ['identified', 'verified'],
      gives: ['session'],
    });
  });

  it.each([
    [{}, null],
    [{ bind: 'network' }, null],
    [{ bind: 'geo' }, 'bind'],
    [{ bind: ['network', 'geo'] }, 'bind'],
  ])('under %j needs a location database for: %s', (options, option) => {
    expect(userLogin.needs?.places?.(userLogin.config.parse(options))).toBe(option);
  });
});

describe('user_login without remember_me', () => {
  it('asks nothing, and is no step', async () => {
    const { browser, page, engine } = await reach({});
    expect(page.location).toBe('https://auth.example.com/');
    expect(await browser.session()).not.toBeNull();
    const first = await flowBrowser(engine).open('/flow/login');
    expect(first.view.step).toEqual({ index: 1, count: 2 });
  });
});

describe('user_login with remember_me', () => {
  it.each([
    ['30d', { key: 'user_login.yes.days', values: { count: 30 } }],
    ['1d', { key: 'user_login.yes.days', values: { count: 1 } }],
    ['36h', { key: 'user_login.yes.hours', values: { count: 36 } }],
  ])('names the time %s, and no user is signed in before the submission', async (written, yes) => {
    const { browser, page } = await reach({ remember_me: written });
    expect(page.view.step).toEqual({ index: 3, count: 3 });
    expect(page.view.challenge.fields).toEqual([
      expect.objectContaining({
        kind: 'choice',
        name: 'remember',
        required: true,
        options: [
          { value: 'yes', label: yes },
          { value: 'no', label: { key: 'user_login.no' } },
        ],
      }),
    ]);
    expect(await browser.session()).toBeNull();
  });

  it.each([{}, { remember: '' }, { remember: 'maybe' }, { remember: 'yes', more: 'x' }])(
    'accepts no other submission: %j',
    async (answer) => {
      const { browser, page } = await reach({ remember_me: '30d' });
      const again = await browser.submit(page, answer);
      expect(again.view.challenge.type).toBe('user_login');
      expect(await browser.session()).toBeNull();
    },
  );

  it('asks once per run, however often the session is started', async () => {
    const { browser, page } = await reach({ remember_me: '30d' }, { remember_me: '60d' });
    const end = await browser.submit(page, { remember: 'yes' });
    expect(end.location).toBe('https://auth.example.com/');
    expect((await browser.session())?.idle).toBe(60 * DAY);
  });

  it('counts only for stages that offer it', async () => {
    const { browser, page } = await reach({ remember_me: '30d' }, { lasts: '1h' });
    await browser.submit(page, { remember: 'yes' });
    const session = await browser.session();
    expect(session?.remembered).toBeUndefined();
    expect((session?.expiresAt ?? 0) - (session?.createdAt ?? 0)).toBe(HOUR);
  });

  it('asks again in the next run', async () => {
    const { browser, page } = await reach({ remember_me: '30d' });
    await browser.submit(page, { remember: 'yes' });
    const again = await browser.signIn('/flow/login?as=other&again=1');
    expect(again.view.challenge.type).toBe('user_login');
  });
});
