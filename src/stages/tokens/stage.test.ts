import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fakeVault, START } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { TOKEN_LENGTH, tokenIdOf, type Token } from '../../core/people/token.ts';
import { tokens } from './stage.ts';

const DAY = 86_400_000;
const WANTED = { name: 'Backup', 'app:files': 'on', may: 'read', days: '30' };

const OF_BOB: Token = {
  id: 'HiJkLmN',
  textName: 'x',
  userId: 'fake/bob',
  name: 'of bob',
  routes: [],
  methods: [],
  networks: [],
  createdAt: START,
  expiresAt: null,
  lastUsedAt: null,
};

async function reach(options: Record<string, unknown> = {}) {
  const flow = testFlow('tokens', [{ type: 'tokens', ...options }], {
    designation: 'configuration',
    requires: 'fresh',
  });
  const engine = flowEngine({ flows: [LOGIN, flow] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  const list = await browser.open('/flow/tokens');
  return { engine, browser, list };
}

type Browser = ReturnType<typeof flowBrowser>;

/** Fills in the form; the page after it. */
async function created(
  browser: Browser,
  list: Seen,
  given: Record<string, string> = WANTED,
): Promise<Seen> {
  return browser.submit(await browser.submit(list), given);
}

const secretOf = (page: Seen): string => fieldOf(page, 'secret').secret as string;

/** What a script sends back of a challenge. */
const sentBack = ({ stage, ...view }: Seen['view']) => ({
  ...(view.seed === undefined ? { plan: view.plan } : { seed: view.seed }),
  csrf: view.csrf,
  revision: view.revision,
  stage: stage.id,
});

describe('tokens', () => {
  it('creates one with the limits that were chosen, and stores a name of it alone', async () => {
    const { engine, browser, list } = await reach();
    expect(list.view.challenge.title.key).toBe('tokens.title');
    const page = await created(browser, list, {
      ...WANTED,
      networks: '192.0.2.0/24, 2001:db8::/32',
    });
    const text = secretOf(page);
    expect(text).toHaveLength(TOKEN_LENGTH);
    expect(engine.accounts.all.tokens).toEqual([
      {
        id: tokenIdOf(text),
        textName: fakeVault().name('token', text),
        userId: 'fake/ann',
        name: 'Backup',
        routes: ['files'],
        methods: ['GET', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'],
        networks: ['192.0.2.0/24', '2001:db8::/32'],
        createdAt: engine.clock.now(),
        expiresAt: engine.clock.now() + 30 * DAY,
        lastUsedAt: null,
      },
    ]);
    expect(engine.events.all.at(-1)).toMatchObject({
      type: 'account',
      change: 'token/created',
      tokenId: tokenIdOf(text),
    });
    expect(engine.emails.all.at(-1)).toMatchObject({
      template: 'token-created',
      to: 'ann@example.com',
    });
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('shows it on one page: loading that again shows it no more, nor do plans and events', async () => {
    const { engine, browser, list } = await reach();
    const form = await browser.submit(list);
    const posted = await browser.post(form, WANTED);
    const cookie = posted.cookies.find((line) => line.startsWith('__Host-doorward-shown='));
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Secure; Max-Age=60$/);
    const page = await browser.open(posted.location);
    const text = secretOf(page);
    expect(page.cookies.some((line) => /^__Host-doorward-shown=;.*Max-Age=0$/.test(line))).toBe(
      true,
    );
    const again = await browser.open(posted.location);
    expect(again.view.challenge.title.key).toBe('tokens.gone.title');
    expect(again.text).not.toContain(text);
    // The vault of tests seals nothing, so what is sealed for a double submit is left out here.
    const plans = [...engine.plans.all.values()].map(({ handed: _sealed, ...plan }) => plan);
    expect(JSON.stringify([plans, engine.events.all, engine.emails.all])).not.toContain(text);
  });

  it('shows it in no other run, and not after a minute', async () => {
    const { engine, browser, list } = await reach();
    const posted = await browser.post(await browser.submit(list), WANTED);
    const other = await browser.open('/flow/tokens');
    expect(other.view.challenge.title.key).toBe('tokens.title');
    engine.clock.advance(60_000);
    const late = await browser.open(posted.location);
    expect(late.view.challenge.title.key).toBe('tokens.gone.title');
  });

  it('creates one token on a double submit, and both responses lead to it', async () => {
    const { engine, browser, list } = await reach();
    const form = await browser.submit(list);
    const [, second] = [await browser.post(form, WANTED), await browser.post(form, WANTED)];
    expect(engine.accounts.all.tokens).toHaveLength(1);
    expect(tokenIdOf(secretOf(await browser.open(second.location)))).toBe(
      engine.accounts.all.tokens[0]?.id,
    );
  });

  it.each([
    ['no name', { name: ' ' }, 'name'],
    ['a name that turns around', { name: 'a\u202eb' }, 'name'],
    ['a name of two lines', { name: 'a\u2028b' }, 'name'],
    ['no app', { 'app:files': null }, 'app'],
    ['an app of others', { 'app:files': null, 'app:secret': 'on' }, 'app'],
    ['an app of others beside an own one', { 'app:secret': 'on' }, 'app'],
    ['no methods', { may: 'listed' }, 'methods'],
    ['what is no method', { may: 'listed', methods: 'GET, <b>' }, 'methods'],
    ['what is no network', { networks: '10.1.2.3/8' }, 'networks'],
    ['more days than allowed', { days: '180' }, 'days'],
    ['days that are no number', { days: '1e1' }, 'days'],
    ['no days', { days: '' }, 'days'],
  ])('creates none with %s', async (_, given, field) => {
    const { engine, browser, list } = await reach({ longest: '90d' });
    const wanted = Object.entries({ ...WANTED, ...given }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    );
    const page = await created(browser, list, Object.fromEntries(wanted) as Record<string, string>);
    expect(engine.accounts.all.tokens).toEqual([]);
    const wrong = page.view.challenge.fields.filter(
      (one: { error?: object }) => one.error !== undefined,
    );
    expect(wrong.map((one: { name: string }) => one.name)).toEqual([field]);
  });

  it.each(['toString', 'valueOf', 'userId'])('creates none with the field %s', async (field) => {
    const { engine, browser, list } = await reach();
    const page = await created(browser, list, { ...WANTED, [field]: 'on' });
    expect(page.view.rejection.key).toBe('flow.refused.answer');
    expect(engine.accounts.all.tokens).toEqual([]);
  });

  it.each([
    [{ may: 'listed', methods: 'head, put PUT' }, ['GET', 'PUT']],
    [{ may: 'all', methods: 'GET' }, []],
  ])('limits methods as %j says', async (given, methods) => {
    const { engine, browser, list } = await reach();
    await created(browser, list, { ...WANTED, ...given });
    expect(engine.accounts.all.tokens.map((one) => one.methods)).toEqual([methods]);
  });

  it('offers a time of 90 days, and none beyond the longest', async () => {
    const { browser, list } = await reach({ longest: '100d' });
    const days = fieldOf(await browser.submit(list), 'dropdown');
    expect(days.value).toBe('90');
    expect((days.options as { value: string }[]).map(({ value }) => value)).toEqual([
      '1',
      '7',
      '30',
      '90',
      '100',
    ]);
    const short = await reach({ longest: '1d' });
    expect(fieldOf(await short.browser.submit(short.list), 'dropdown').value).toBe('1');
  });

  it('creates no more than the flow allows, also if another run is first', async () => {
    const { engine, browser, list } = await reach({ most: 1 });
    const forms = [
      await browser.submit(list),
      await browser.submit(await browser.open('/flow/tokens')),
    ];
    await browser.submit(forms[0] as Seen, WANTED);
    const late = await browser.submit(forms[1] as Seen, WANTED);
    expect([late.status, late.view.code]).toEqual([409, 'token/too-many']);
    expect(engine.accounts.all.tokens).toHaveLength(1);
    const full = await browser.open('/flow/tokens');
    expect(full.view.challenge.submit.key).toBe('tokens.done');
  });

  it('revokes one after a question, and only an own one', async () => {
    const { engine, browser, list } = await reach();
    engine.accounts.all.tokens = [OF_BOB];
    const own = await browser.submit(await created(browser, list));
    const id = fieldOf(own, 'items').items[0].value as string;
    expect((await browser.submit(own, { revoke: OF_BOB.id })).view.challenge.title.key).toBe(
      'tokens.title',
    );
    const asked = await browser.submit(await browser.open('/flow/tokens'), { revoke: id });
    expect(asked.view.challenge.title.key).toBe('tokens.revoke.title');
    expect(engine.accounts.all.tokens).toHaveLength(2);
    const kept = await browser.submit(asked, { do: 'back' });
    expect(fieldOf(kept, 'items').items).toHaveLength(1);
    const gone = await browser.submit(await browser.submit(kept, { revoke: id }));
    expect(fieldOf(gone, 'alert').text).toEqual({
      key: 'tokens.revoked',
      values: { name: 'Backup' },
    });
    expect(engine.accounts.all.tokens).toEqual([OF_BOB]);
    expect(engine.events.all.at(-1)).toMatchObject({
      change: 'token/revoked',
      userId: 'fake/ann',
      tokenId: id,
    });
  });

  it('creates none once the sign-in is ten minutes old, and none by a password alone beside a second factor', async () => {
    const { engine, browser, list } = await reach();
    const form = await browser.submit(list);
    engine.clock.advance(10 * 60_000);
    const stale = await browser.submit(form, WANTED);
    expect([stale.status, stale.view.code]).toEqual([403, 'session/stale']);
    const factor = await reach();
    factor.engine.accounts.all.authenticators = [testAuthenticator()];
    const alone = await created(factor.browser, factor.list);
    expect([alone.status, alone.view.code]).toEqual([403, 'session/factor']);
    expect([engine, factor.engine].map((one) => one.accounts.all.tokens)).toEqual([[], []]);
  });

  it('gives scripts the token in the response to their submission', async () => {
    const { browser } = await reach();
    const api = async (method: string, body?: object) => {
      const headers = {
        'content-type': 'application/json',
        origin: 'https://auth.example.com',
        'sec-fetch-site': 'same-origin',
      };
      return await browser.send('/api/flow/tokens', {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    };
    const form = await api('POST', { ...sentBack((await api('GET')).view), answer: {} });
    const made = await api('POST', {
      ...sentBack(form.view),
      answer: { ...WANTED, 'app:files': true },
    });
    const secret = made.view.challenge.fields.find(
      (one: { kind: string }) => one.kind === 'secret',
    );
    expect(tokenIdOf(secret.secret)).not.toBeNull();
    expect(made.cookies.some((line) => line.includes('shown='))).toBe(false);
  });

  it.each([{ longest: '1h' }, { most: 0 }, { most: 101 }])('refuses the options %j', (options) => {
    expect(tokens.config.safeParse(options).success).toBe(false);
  });
});
