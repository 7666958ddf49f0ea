/**
 * Random flows, policies and users, with which the laws of the engine are tested. Its verifying
 * stages record the truth when a secret is right, so that the tests do not rely on the engine.
 */
import * as fc from 'fast-check';
import { breaches } from '../../src/config/flows/laws.ts';
import type { Flow, Requirement } from '../../src/core/flow/flow.ts';
import type { PolicySet } from '../../src/core/policy/policy.ts';
import type { AnyStage, Step } from '../../src/core/flow/stage.ts';
import { stages as real } from '../../src/stages/index.ts';
import { testUser } from './fakes.ts';
import { type Engine, flowBrowser, type Seen, type StageWords, testFlow } from './flow-fakes.ts';
import { mailedLink, question, scripted } from './scripted-stage.ts';
import { testBinding } from './snapshot.ts';

export const USERS = [
  testUser(),
  testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' }),
];

/** What was truly proved: `<plan> <user> <method>`. Stages record it when a secret is right. */
export type Truth = Set<string>;

/** Every stage a flow can have; verifying stages record the truth separately. */
export function poolOf(truth: Truth): readonly AnyStage[] {
  const oath = (type: string, method: string, certain: boolean): AnyStage =>
    scripted(type, {
      claims: () => ({
        wants: ['identified'],
        gives: certain ? ['verified'] : [],
        mayProve: !certain,
      }),
      open: () => ({ kind: 'ask', challenge: question(type) }),
      submit: async (ctx, { oath: typed }): Promise<Step> => {
        const step = { kind: 'ask', challenge: question(type) } as const;
        if (ctx.subject === null) return { ...step, reason: { code: 'x/no-subject' } };
        if (!certain && typed === 'later') return { kind: 'pass' };
        const { userId } = ctx.subject;
        const proof = await ctx.prove(method, ctx.subject, () => {
          const isRight = typed === 'true' && userId !== null;
          if (isRight) truth.add(`${ctx.planId} ${userId} ${method}`);
          return Promise.resolve(isRight ? 'right' : 'wrong');
        });
        return proof.result === 'right'
          ? { kind: 'pass', proved: method }
          : { ...step, reason: { code: 'x/wrong' } };
      },
    });
  const setUp = scripted('set_up', {
    claims: () => ({ wants: ['owner'], gives: [] }),
    open: (ctx) => ({ kind: 'ask', challenge: question('set_up'), learned: { [ctx.stageId]: 1 } }),
    submit: (_ctx, { oath: typed }): Step =>
      typed === 'true'
        ? { kind: 'pass', learned: { ready: true } }
        : { kind: 'ask', challenge: question('set_up'), reason: { code: 'x/wrong' } },
  });
  const needing = scripted('needing', {
    inserts: () => [{ type: 'set_up', options: {} }],
    open: (ctx): Step =>
      ctx.learned['ready'] === true
        ? { kind: 'pass' }
        : { kind: 'insert', stages: [{ type: 'set_up', options: {} }] },
  });
  const link: AnyStage = {
    ...mailedLink,
    submit: async (ctx, answer) => {
      const step = await mailedLink.submit(ctx, answer);
      if (step.kind === 'pass') truth.add(`${ctx.planId} ${ctx.subject?.userId} email_link`);
      return step;
    },
  };
  return [...real, oath('oath', 'oath', true), oath('vow', 'vow', false), setUp, needing, link];
}

const POOL: readonly StageWords[] = [
  { type: 'identification' },
  { type: 'oath' },
  { type: 'oath', onInvalid: 'restart' },
  { type: 'oath', onInvalid: 'restart_keeping' },
  { type: 'vow' },
  { type: 'needing' },
  { type: 'mailed_link' },
  { type: 'mailed_link', other_browser: true },
  { type: 'message', title: 'T', text: 'x' },
  { type: 'user_login' },
  { type: 'user_logout' },
  { type: 'deny' },
];
const [WHO, OATH, , , VOW, NEEDING, LINK, FAR, TALK, LOGIN] = POOL as readonly [
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
  StageWords,
];

export interface Drawn {
  readonly word: StageWords;
  readonly isGated: boolean;
}
const drawn = (...words: readonly StageWords[]) =>
  fc.record({ word: fc.constantFrom(...words), isGated: fc.boolean() });
const certain = (...words: readonly StageWords[]) =>
  fc.record({ word: fc.constantFrom(...words), isGated: fc.constant(false) });

/** Random stages, and flows as an operator would write them. */
export const anything = fc.array(drawn(...POOL), { minLength: 1, maxLength: 6 });
export const sensible = fc
  .tuple(
    certain(WHO),
    fc.array(drawn(VOW, NEEDING, TALK, OATH), { maxLength: 1 }),
    certain(OATH, LINK, FAR),
    fc.array(drawn(VOW, NEEDING, TALK, OATH, LINK, WHO), { maxLength: 2 }),
    certain(LOGIN),
    fc.array(drawn(TALK), { maxLength: 1 }),
  )
  .map(([who, some, proof, more, login, last]) => [who, ...some, proof, ...more, login, ...last]);
export const requirement = fc.constantFrom<Requirement>('anyone', 'anyone', 'session', 'anonymous');

/** The next action of one of two browsers. */
export type Action =
  | { readonly does: 'open' | 'other' | 'reload' | 'link'; readonly who: number }
  /** Submits a page it has seen, the newest first; to three processes at once for `burst`. */
  | {
      readonly does: 'post' | 'burst';
      readonly who: number;
      readonly page: number;
      readonly say: number;
    }
  /** Submits one page after the other, as a user who wants to get in. */
  | { readonly does: 'walk'; readonly who: number; readonly says: readonly number[] }
  | { readonly does: 'wait'; readonly minutes: number };

const who = fc.constantFrom(0, 0, 0, 1);
const looking = fc.record({ does: fc.constantFrom('open', 'other', 'reload', 'link'), who });
const answering = fc.record({
  does: fc.constantFrom('post', 'post', 'post', 'burst'),
  who,
  page: fc.constantFrom(0, 0, 0, 0, 1, 2, 5),
  say: fc.nat(7),
});
const walking = fc.record({
  does: fc.constant('walk' as const),
  who,
  says: fc.array(fc.constantFrom(0, 2), { minLength: 1, maxLength: 5 }),
});
const waiting = fc.record({
  does: fc.constant('wait' as const),
  minutes: fc.constantFrom(1, 31),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: looking },
  { weight: 5, arbitrary: answering },
  { weight: 2, arbitrary: walking },
  { weight: 1, arbitrary: waiting },
);

/** All actions of two browsers, in order. */
export const actions = fc.array(action, { minLength: 3, maxLength: 14 });
/** The verdicts of policies in turn, repeated: 0 fails, 1 passes, 2 is invalid. */
export const coins = fc.array(fc.constantFrom(0, 1, 1, 2), { minLength: 1, maxLength: 9 });

const SAYS: readonly Record<string, string>[] = [
  { login: 'ann' },
  { login: 'bob' },
  { login: 'nix' },
  { oath: 'true' },
  { oath: 'true' },
  { oath: 'false' },
  { oath: 'later' },
  {},
];
/** Half of the submissions are those of a user who wants to get in. */
function fitting(type: string, turn: number): Record<string, string> | undefined {
  if (turn % 2 !== 0) return undefined;
  if (type === 'identification') return { login: turn % 4 === 0 ? 'ann' : 'bob' };
  return ['oath', 'vow', 'set_up'].includes(type) ? { oath: 'true' } : undefined;
}

/** Policies that return the next verdict: pass, fail, or an invalid one. */
function coinGate(tosses: readonly number[]): PolicySet {
  let next = 0;
  const evaluate = () => {
    const coin = tosses[(next += 1) % tosses.length];
    if (coin === 2) throw new Error('no coin');
    return { pass: coin === 1, reason: { code: 'coin' } };
  };
  return { match: 'all', bindings: [testBinding(true, { evaluate })] };
}

export function flowOf(
  stages: readonly Drawn[],
  requires: Requirement,
  tosses: readonly number[],
  pool: readonly AnyStage[],
): Flow {
  const gate = coinGate(tosses);
  const words = stages.map(({ word, isGated }, i) => ({
    ...word,
    id: `s${i}`,
    ...(isGated ? { policies: gate } : {}),
  }));
  return testFlow('f', words, { requires, designation: 'configuration' }, pool);
}

export function isLawful(flow: Flow, pool: readonly AnyStage[]): boolean {
  const laws = flow.stages.map(({ stage, config, policies: gate }) => ({
    ...stage.claims(config),
    skippable: gate.bindings.length > 0,
    ends: stage.leads?.isEnd === true,
    inserts: (stage.inserts?.(config) ?? []).map((one) => {
      const other = pool.find((candidate) => candidate.type === one.type);
      return { type: one.type, wants: [], gives: [], ...other?.claims(one.options) };
    }),
  }));
  return breaches(flow.requires, laws).length === 0;
}

/** The sign-in for flows that require a session, with its own record of the truth. */
export function loginFlow(pool: readonly AnyStage[]): Flow {
  return testFlow('login', [WHO, OATH, LOGIN], {}, pool);
}

type Browser = ReturnType<typeof flowBrowser>;

/**
 * The same browser at another process of the gateway, where work is not serialized with this one.
 */
function twin(engine: Engine, browser: Browser): Browser {
  const other = flowBrowser(engine);
  for (const [name, value] of browser.jar) other.jar.set(name, value);
  return other;
}

/** A browser with the pages it has seen, newest first. */
function person(engine: Engine, ip: string, all: Seen[]) {
  const browser = flowBrowser(engine, ip);
  const pages: Seen[] = [];
  const see = async (first: Seen): Promise<void> => {
    let seen = first;
    all.push(seen);
    for (let hops = 0; seen.location.startsWith('/flow/') && hops < 5; hops += 1) {
      seen = await browser.open(seen.location);
      all.push(seen);
    }
    if (seen.view?.hidden !== undefined) pages.unshift(seen);
  };
  const answer = async (index: number, say: number, isBurst: boolean): Promise<void> => {
    const page = pages[index];
    if (page === undefined) return;
    const values = fitting(page.view.challenge.type as string, say) ?? SAYS[say] ?? {};
    const doors = isBurst ? [browser, twin(engine, browser), twin(engine, browser)] : [browser];
    const posts = await Promise.all(doors.map((door) => door.post(page, values)));
    for (const post of posts) await see(post);
  };
  const open = async (path: string): Promise<void> => see(await browser.open(path));
  return { pages, open, answer };
}

/** Runs all actions with two browsers; returns what they saw. */
export async function live(engine: Engine, done: readonly Action[]): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  const people = ['192.0.2.7', '203.0.113.5'].map((ip) => person(engine, ip, all));
  for (const act of done) {
    if (act.does === 'wait') {
      engine.clock.advance(act.minutes * 60_000);
      continue;
    }
    const one = people[act.who];
    if (one === undefined) continue;
    if (act.does === 'walk') {
      if (one.pages.length === 0) await one.open('/flow/f');
      for (const say of act.says) await one.answer(0, say, false);
    } else if (act.does === 'post' || act.does === 'burst') {
      await one.answer(act.page, act.say, act.does === 'burst');
    } else {
      await one.open(pathOf(act.does, engine, one.pages[0]));
    }
  }
  return all;
}

/** Another tab, a new run, the same page again, or the link of the latest email. */
function pathOf(does: 'open' | 'other' | 'reload' | 'link', engine: Engine, last?: Seen): string {
  const link = engine.emails.all.at(-1)?.values['url'];
  const plan: unknown = last?.view.hidden.plan;
  if (does === 'link' && link !== undefined) return link.slice('https://auth.example.com'.length);
  if (does === 'reload' && typeof plan === 'string') return `/flow/f?plan=${plan}`;
  return does === 'other' ? '/flow/login?as=other' : '/flow/f';
}
