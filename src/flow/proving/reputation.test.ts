import { describe, expect, it } from 'vitest';
import { fakeEvents, fakeScores } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGOUT,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { signalTools } from '../../../test/support/signal-query.ts';
import type { PolicySet } from '../../core/policy/policy.ts';
import { accountKey, addressKey, loginKey, SCORE_HALVES } from '../../core/people/score.ts';
import { reputation as policy } from '../../policies/reputation/policy.ts';
import { reputation as signal } from '../../signals/reputation/signal.ts';
import { openSignals } from '../../signals/signals.ts';

const ANN = accountKey({ login: 'ann', userId: 'fake/ann' });
const NIX = accountKey({ login: 'nix', userId: null });
const HERE = '192.0.2.7';
const HOUR = 3_600_000;
const calm = { free: 1_000, wait: 1, longest: 1, window: HOUR };
const rules = { account: calm, address: calm, start: calm, email: calm };

async function signIn(engine: Engine, login: string, password: string, ip = HERE) {
  const browser = flowBrowser(engine, ip);
  const second = await browser.submit(await browser.open('/flow/login'), { login });
  return browser.submit(second, { password });
}

const score = async (engine: Engine, key: string) =>
  (await engine.scores.read([key], engine.clock.now()))[0];

describe('an attempt to prove a user', () => {
  it('that is wrong costs the address, the submitted login and the account a point, known or not', async () => {
    const engine = flowEngine({ rules });
    await signIn(engine, 'ann', 'wrong');
    await signIn(engine, 'ann@example.com', 'wrong');
    await signIn(engine, 'Nix', 'wrong', '198.51.100.1');
    expect(await score(engine, ANN)).toBe(-2);
    expect(await score(engine, loginKey(' ANN'))).toBe(-1);
    expect(await score(engine, loginKey('ann@example.com'))).toBe(-1);
    expect(await score(engine, addressKey(HERE))).toBe(-2);
    expect(await score(engine, NIX)).toBe(-1);
    expect(await score(engine, loginKey('nix'))).toBe(-1);
    expect(await score(engine, addressKey('198.51.100.1'))).toBe(-1);
  });

  it('that was throttled costs nothing', async () => {
    const strict = { ...rules, account: { ...calm, free: 2, wait: HOUR, longest: HOUR } };
    const engine = flowEngine({ rules: strict });
    for (let i = 0; i < 5; i += 1) await signIn(engine, 'ann', 'wrong');
    expect(await score(engine, ANN)).toBe(-2);
    expect(await score(engine, addressKey(HERE))).toBe(-2);
  });

  it('that is right restores a point, once an hour', async () => {
    const engine = flowEngine({ rules });
    for (let i = 0; i < 4; i += 1) await signIn(engine, 'ann', 'wrong');
    for (let i = 0; i < 3; i += 1) await signIn(engine, 'ann', 'right');
    expect(await score(engine, ANN)).toBe(-3);
    expect(await score(engine, loginKey('ann'))).toBe(-3);
    expect(await score(engine, addressKey(HERE))).toBe(-3);
    engine.clock.advance(HOUR + 1);
    await signIn(engine, 'ann', 'right');
    expect(await score(engine, ANN)).toBe(-2);
    expect(await score(engine, addressKey(HERE))).toBe(-2);
  });

  it('that is right does not make up for guesses at other users', async () => {
    const engine = flowEngine({ rules });
    for (let i = 0; i < 10; i += 1) {
      await signIn(engine, 'nix', 'wrong');
      await signIn(engine, 'ann', 'right');
    }
    expect(await score(engine, addressKey(HERE))).toBe(-9);
  });

  it('is refused if it cannot be recorded', async () => {
    const engine = flowEngine({ rules });
    engine.scores.add = () => Promise.reject(new Error('away'));
    const refused = await signIn(engine, 'ann', 'right');
    expect(refused.status).toBe(500);
    expect(engine.plans.all.size).toBe(1);
  });
});

/** A sign-in with another page before the password, shown when the score is low. */
async function guarded(scores = fakeScores()) {
  const config = policy.config.parse({ above: -3 });
  const gate: PolicySet = {
    match: 'all',
    bindings: [
      {
        name: 'reputation',
        evaluate: policy.compile(config),
        negate: true,
        otherwise: null,
        expires: null,
        dryRun: false,
        needs: policy.needs?.(config) ?? [],
        field: null,
        at: 'flows/login.stages[1].policies[0]',
        line: '',
      },
    ],
  };
  const login = testFlow('login', [
    { type: 'identification' },
    { type: 'message', title: 'Captcha', text: 'Solve this', policies: gate },
    { type: 'password', onInvalid: 'restart_keeping' },
    { type: 'user_login' },
  ]);
  const engine = flowEngine({ flows: [login, LOGOUT], rules });
  const kinds = [{ kind: signal, options: {} }];
  const tools = signalTools({ stores: { scores } });
  const opened = await openSignals(kinds, tools, fakeEvents());
  const deps = {
    ...engine.deps,
    signals: opened.source,
    stores: { ...engine.deps.stores, scores },
  };
  return { ...engine, deps, scores };
}

const typeAfterName = async (engine: Engine, login: string, ip = HERE) => {
  const browser = flowBrowser(engine, ip);
  const page = await browser.submit(await browser.open('/flow/login'), { login });
  return page.view.challenge.type as string;
};

describe('a captcha after failures', () => {
  it.each(['ann', 'nix'])(
    'is required of %s after the third, and no longer after half a day',
    async (login) => {
      const engine = await guarded();
      for (const expected of ['password', 'password', 'password', 'message']) {
        // From a new address each time, so that only the login has failed.
        expect(await typeAfterName(engine, login)).toBe(expected);
        await engine.scores.add(loginKey(login), -1, engine.clock.now());
      }
      engine.clock.advance(SCORE_HALVES);
      expect(await typeAfterName(engine, login)).toBe('password');
    },
  );

  it('is required from an address with failures, and nowhere else', async () => {
    const engine = await guarded();
    await engine.scores.add(addressKey(HERE), -3, engine.clock.now());
    expect(await typeAfterName(engine, 'ann')).toBe('message');
    expect(await typeAfterName(engine, 'ann', '198.51.100.1')).toBe('password');
  });

  it('is required while the scores are unavailable', async () => {
    const scores = fakeScores();
    const engine = await guarded({ ...scores, read: () => Promise.reject(new Error('away')) });
    expect(await typeAfterName(engine, 'ann')).toBe('message');
  });
});
