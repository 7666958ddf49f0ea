import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { question, scripted } from '../../../test/support/scripted-stage.ts';
import { testBinding, testSnapshot } from '../../../test/support/snapshot.ts';
import type { PolicySet } from '../../core/policy/policy.ts';
import { network } from '../../policies/network/policy.ts';
import { method } from '../../policies/method/policy.ts';
import { stages as real } from '../../stages/index.ts';

const WIKI = 'https://wiki.example.com/a';
const FOR_WIKI = `rd=${encodeURIComponent(WIKI)}`;
const gateOf = (evaluate: ReturnType<typeof network.compile>, negate = false): PolicySet => ({
  match: 'all',
  bindings: [testBinding(true, { evaluate, negate })],
});

/** A second factor that accepts the code 1, with a policy; `kind` so that there may be two. */
const factor = scripted('factor', {
  claims: () => ({ wants: ['identified'], gives: ['verified'] }),
  open: () => ({ kind: 'ask', challenge: question('factor') }),
  submit: async (ctx, { code }) => {
    const subject = ctx.subject ?? { login: '', userId: null };
    const { result } = await ctx.prove('totp', subject, () =>
      Promise.resolve(code === '1' ? 'right' : 'wrong'),
    );
    const step = { kind: 'ask', challenge: question('factor') } as const;
    return result === 'right'
      ? { kind: 'pass', proved: 'totp' }
      : { ...step, reason: { code: `totp/${result}` } };
  },
});
const known = [...real, factor];

const twoFactors = (gate?: PolicySet, name = 'login', requires: 'anyone' | 'session' = 'anyone') =>
  testFlow(
    name,
    [
      ...(requires === 'anyone' ? [{ type: 'identification' }] : []),
      { type: 'password' },
      { type: 'factor', ...(gate === undefined ? {} : { policies: gate }) },
      { type: 'user_login' },
    ],
    { requires },
    known,
  );

const typeOf = (seen: Seen): string => seen.view?.challenge?.type ?? seen.location;

describe('1 · an error never gives access', () => {
  const outside = gateOf(network.compile({ any: ['10.0.0.0/8'] }), true);

  it.each([
    ['from outside', '192.0.2.7', 'factor'],
    ['from inside', '10.1.2.3', 'https://auth.example.com/'],
    ['from an invalid address', '10.1.2.3, 192.0.2.7', 'factor'],
    ['from no address', '', 'factor'],
  ])('the second factor is required or not, %s', async (_name, ip, expected) => {
    const browser = flowBrowser(flowEngine({ flows: [twoFactors(outside)] }), ip);
    expect(typeOf(await browser.signIn())).toBe(expected);
  });
});

describe('2, 3 · order', () => {
  it('a form of a later stage has no effect, and naming it skips nothing', async () => {
    const engine = flowEngine({ flows: [twoFactors()] });
    const browser = flowBrowser(engine);
    const first = await browser.open('/flow/login');
    for (const stage of ['user_login', 'factor', 'password', 'nonesuch']) {
      const skipped = await browser.post(first, {
        stage,
        password: 'right',
        code: '1',
        login: 'ann',
      });
      expect(skipped.location).toContain('/flow/login');
    }
    expect([engine.plans.writes, await engine.sessions.count()]).toEqual([0, 0]);
  });

  it('a submission to one stage does not pass the next', async () => {
    const browser = flowBrowser(flowEngine({ flows: [twoFactors()] }));
    const second = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const third = await browser.submit(second, { password: 'right' });
    expect(typeOf(third)).toBe('factor');
    expect(typeOf(await browser.submit(third, { password: 'right' }))).toBe('factor');
    expect(await browser.session()).toBeNull();
  });
});

describe('4 · policies see the state when the stage is reached', () => {
  const unproved = gateOf(method.compile({ any: ['totp'], count: 1 }), true);

  it('proofs of this run count, so that a step-up requires only what is missing', async () => {
    const engine = flowEngine({
      flows: [LOGIN, twoFactors(unproved, 'step-up', 'session')],
    });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open(`/flow/step-up?${FOR_WIKI}`);
    const next = await browser.submit(page, { password: 'right' });
    expect(typeOf(next)).toBe('factor');
    expect((await browser.submit(next, { code: '1' })).location).toBe(WIKI);
    const again = await browser.open('/flow/step-up');
    expect((await browser.submit(again, { password: 'right' })).status).toBe(303);
    expect((await browser.session())?.proofs.map((p) => p.method)).toEqual(['totp', 'password']);
  });

  it('proofs of another user in this browser do not count', async () => {
    const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob', email: '' })];
    const engine = flowEngine({ users, flows: [twoFactors(unproved)] });
    const browser = flowBrowser(engine);
    await browser.submit(await browser.signIn(), { code: '1' });
    expect((await browser.session())?.proofs).toHaveLength(2);
    const bob = await browser.signIn('/flow/login?as=other', 'bob');
    expect(typeOf(bob)).toBe('factor');
  });
});

const begun = async (engine: Engine) => {
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
  return { browser, page };
};

describe('5 · a plan belongs to one browser and one run', () => {
  it('a seed, an id, a token and a cookie of different browsers do not match', async () => {
    const engine = flowEngine();
    const { browser, page } = await begun(engine);
    const thief = flowBrowser(engine, '203.0.113.5');
    const own = await thief.open('/flow/login');
    const mixed: Record<string, string>[] = [
      { ...page.view.hidden },
      { ...page.view.hidden, csrf: own.view.hidden.csrf },
      { ...own.view.hidden, plan: page.view.hidden.plan },
      { seed: (await browser.open('/flow/login')).view.hidden.seed, csrf: own.view.hidden.csrf },
    ];
    for (const hidden of mixed) {
      const forged = { ...own, view: { ...own.view, hidden } };
      const seen = await thief.post(forged, { password: 'right', login: 'ann' });
      expect(seen.location).toContain('notice=restarted');
      expect(seen.cookies).toEqual([]);
    }
    expect(await engine.sessions.count()).toBe(0);
    expect((await browser.submit(page, { password: 'right' })).status).toBe(303);
  });

  it('a plan of one flow runs in no other', async () => {
    const engine = flowEngine({ flows: [LOGIN, testFlow('other', [{ type: 'user_login' }])] });
    const { browser, page } = await begun(engine);
    const moved = { ...page, view: { ...page.view, action: '/flow/other' } };
    expect((await browser.post(moved, {})).location).toContain('notice=restarted');
    const looked = await browser.open(`/flow/other?plan=${page.view.hidden.plan}`);
    expect(looked.location).toContain('notice=restarted');
    expect(await engine.sessions.count()).toBe(0);
  });
});

describe('6 · once', () => {
  it('fifty copies of one submission at fifty processes give one session and one email', async () => {
    const mail = scripted('mail', {
      open: () => ({
        kind: 'pass',
        effects: [
          {
            kind: 'send-mail',
            email: { to: 'ann@example.com', template: 'hello', values: {}, language: 'en' },
          },
        ],
      }),
    });
    const words = [...LOGIN.stages.map((b) => ({ type: b.id })), { type: 'mail' }];
    const engine = flowEngine({ flows: [testFlow('login', words, {}, [...real, mail])] });
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const twins = Array.from({ length: 50 }, () => {
      const twin = flowBrowser(engine, '192.0.2.7');
      for (const [name, value] of browser.jar) twin.jar.set(name, value);
      return twin;
    });
    const ends = await Promise.all(twins.map((twin) => twin.post(page, { password: 'right' })));
    expect(await engine.sessions.count()).toBe(1);
    expect(engine.emails.all).toHaveLength(1);
    const tickets = ends.flatMap((end) => end.cookies.filter((c) => c.startsWith('__Secure-')));
    expect(new Set(tickets).size).toBe(1);
  });

  it('a right submission is not lost to wrong ones that arrive at the same time', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    const says = ['wrong', 'wrong', 'right', 'wrong'];
    await Promise.all(
      says.map((password, i) => {
        const twin = flowBrowser(engine, `192.0.2.${i}`);
        for (const [name, value] of browser.jar) twin.jar.set(name, value);
        return twin.post(page, { password });
      }),
    );
    expect(await engine.sessions.count()).toBe(1);
    expect([...engine.plans.all.values()].map((plan) => plan.state)).toEqual(['done']);
  });
});

describe('8 · an unknown name', () => {
  it('does the same work and emits the same events as a known one', async () => {
    const traces = [];
    for (const login of ['ann', 'nix']) {
      const engine = flowEngine({ flows: [twoFactors()] });
      let verified = 0;
      const verify = engine.directory.verifyPassword.bind(engine.directory);
      engine.directory.verifyPassword = (id, password) => {
        verified += 1;
        return verify(id, password);
      };
      let evaluations = 0;
      const isKnown = engine.accounts.isKnownDevice.bind(engine.accounts);
      engine.accounts.isKnownDevice = (userId, device, now) => {
        evaluations += 1;
        return isKnown(userId, device, now);
      };
      const browser = flowBrowser(engine);
      browser.jar.set('__Host-doorward-device', 'A'.repeat(22));
      const seen = await browser.signIn('/flow/login', login, 'wrong');
      const events = engine.events.all.map((event) => [
        event.type,
        'result' in event && event.result,
      ]);
      traces.push([
        seen.status,
        seen.text.length,
        verified,
        evaluations,
        engine.plans.writes,
        events,
      ]);
    }
    expect(traces[1]).toEqual(traces[0]);
  });
});

describe('11 · the destination', () => {
  it('is checked again at the end: a removed app is not a destination any more', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open(`/flow/login?${FOR_WIKI}`), {
      login: 'ann',
    });
    const { flows } = engine.live.current;
    engine.live.current = { ...testSnapshot({ routes: [{ id: 'docs' }] }), flows };
    expect((await browser.submit(page, { password: 'right' })).location).toBe(
      'https://auth.example.com/',
    );
  });

  it('passed to another flow on the way is checked as well', async () => {
    const engine = flowEngine({
      flows: [
        testFlow('join', [
          { type: 'message', title: 'T', text: 'x' },
          { type: 'redirect', flow: 'login' },
        ]),
      ],
    });
    const browser = flowBrowser(engine);
    const page = await browser.open(`/flow/join?${FOR_WIKI}`);
    const { flows } = engine.live.current;
    engine.live.current = { ...testSnapshot({ routes: [{ id: 'docs' }] }), flows };
    swapFlows(engine, [...flows.values()]);
    expect((await browser.post(page)).location).toBe('https://auth.example.com/flow/login');
  });
});
