/** What each step of a stage changes in a plan. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { NOON } from '../../../test/support/policy-input.ts';
import { aFlow } from '../../../test/support/tables.ts';
import type { Field } from './challenge.ts';
import type { Effect } from './effect.ts';
import type { Flow, OnInvalid, Requirement } from './flow.ts';
import { advance, createPlan, INVITATION_KEY, isOpen, type Plan, type Skip } from './plan.ts';
import type { Step } from './stage.ts';

const flow = aFlow(['retry', 'retry']);
const created = createPlan(flow, { id: 'p1', browser: 'b1', returnTo: '/a', now: NOON });
const planOf = (changes: Partial<Plan> = {}): Plan => ({ ...created, ...changes });
const move = (plan: Plan, step: Step | Skip, given: Flow = flow): Plan =>
  advance(plan, step, given, NOON).plan;
/** What the step changed, and nothing else. */
const changes = (before: Plan, after: Plan): Partial<Plan> =>
  Object.fromEntries(
    Object.entries(after).filter(
      ([key, value]) => !isDeepStrictEqual(before[key as keyof Plan], value),
    ),
  );

const effect: Effect = { kind: 'start-session', lasts: null, endOthers: false };
const text = { key: 'flow.stopped.stage' } as const;
const reason = { code: 'test/wrong' };
const challengeOf = (...fields: Field[]) =>
  ({ type: 'test', title: { key: 't' }, submit: { key: 's' }, fields }) as const;
const ask = (parts: Partial<Extract<Step, { kind: 'ask' }>> = {}): Step => ({
  kind: 'ask',
  challenge: challengeOf(),
  ...parts,
});
const insert = (...types: string[]): Step => ({
  kind: 'insert',
  stages: types.map((type) => ({ type, options: {} })),
});
const PASS: Step = { kind: 'pass' };
const SKIP: Skip = { kind: 'skip' };
const insertedInto = (plan: Plan) => plan.inserted?.map(({ type }) => type);
const rejection = { reason, text: null, retryAt: null, fields: {} };

/** What a rejected submission of these fields stores. */
const shown = (...fields: Field[]) =>
  move(planOf(), ask({ reason, challenge: challengeOf(...fields) })).refusal?.fields;

describe('a new plan', () => {
  it('contains what is known at the start, and nothing else', () => {
    expect(created).toEqual({
      v: 1,
      id: 'p1',
      flow: 'login',
      digest: 'd1',
      revision: 0,
      cursor: 0,
      state: 'running',
      browser: 'b1',
      returnTo: '/a',
      startedAt: NOON,
      expiresAt: NOON + 30 * 60_000,
      subject: null,
      proofs: [],
      learned: {},
      refused: 0,
    });
  });
});

describe('a stage that asks', () => {
  it('changes nothing until the user submits', () => {
    expect(move(planOf(), ask())).toEqual(planOf());
  });

  it('adds what it must remember', () => {
    const before = planOf({ learned: { a: 1, b: 1 } });
    expect(changes(before, move(before, ask({ learned: { b: 2, c: 3 } })))).toEqual({
      learned: { a: 1, b: 2, c: 3 },
    });
  });

  it('may send an email with its challenge', () => {
    expect(advance(planOf(), ask({ effects: [effect] }), flow, NOON).effects).toEqual([effect]);
    expect(advance(planOf(), ask(), flow, NOON).effects).toEqual([]);
  });

  it('adds what it must remember to a rejected submission too', () => {
    const after = move(planOf(), ask({ reason, learned: { a: 1 } }));
    expect(after).toMatchObject({ refused: 1, learned: { a: 1 }, refusal: rejection });
  });
});

describe('a stage that sends the user elsewhere', () => {
  const leave = { kind: 'leave', to: 'https://wiki.example.com', via: 'return-to' } as const;

  it('continues at the same stage when the user returns', () => {
    expect(advance(planOf(), leave, flow, NOON)).toEqual({ plan: planOf(), effects: [] });
  });

  it('adds what it must remember', () => {
    const before = planOf({ learned: { a: 1 } });
    expect(changes(before, move(before, { ...leave, learned: { b: 2 } }))).toEqual({
      learned: { a: 1, b: 2 },
    });
  });
});

describe('a stage that stops the run', () => {
  it('leaves its reason and its text to the page', () => {
    const { plan, effects } = advance(planOf(), { kind: 'stop', reason, text }, flow, NOON);
    expect(changes(planOf(), plan)).toEqual({ state: 'stopped', stopped: { reason, text } });
    expect(effects).toEqual([]);
  });
});

describe('a stage that passes', () => {
  const proofs = [{ method: 'password', at: NOON - 1 }] as const;
  const ann = { login: 'ann', userId: 'embedded/1' };

  it('leads to the next stage, and the last one ends the run', () => {
    const second = move(planOf(), PASS);
    expect(second).toMatchObject({ cursor: 1, state: 'running' });
    expect(move(second, PASS)).toMatchObject({ cursor: 2, state: 'done' });
  });

  it('has no effects unless it returns some', () => {
    expect(advance(planOf(), PASS, flow, NOON).effects).toEqual([]);
  });

  it('adds what it learned, and removes the last rejection', () => {
    const before = planOf({ learned: { a: 1, b: 1 }, refusal: rejection });
    const after = move(before, { kind: 'pass', learned: { b: 2 } });
    expect(after).toMatchObject({ learned: { a: 1, b: 2 }, refusal: null });
    expect(move(before, PASS).learned).toEqual({ a: 1, b: 1 });
  });

  it.each<[string, Partial<Extract<Step, { kind: 'pass' }>>, string[]]>([
    ['keeps earlier proofs', {}, ['password']],
    ['adds a proof to earlier ones', { proved: 'totp' }, ['password', 'totp']],
    ['removes earlier proofs if it identifies the user', { identified: ann }, []],
    ['keeps only its own proof then', { identified: ann, proved: 'totp' }, ['totp']],
  ])('%s', (_, parts, methods) => {
    const after = move(planOf({ proofs }), { kind: 'pass', ...parts });
    expect(after.proofs.map(({ method }) => method)).toEqual(methods);
  });

  it('dates a proof, and replaces an earlier one by the same method', () => {
    const after = move(planOf({ proofs }), { kind: 'pass', proved: 'password' });
    expect(after.proofs).toEqual([{ method: 'password', at: NOON }]);
  });

  it('keeps the user unless it identifies one', () => {
    expect(move(planOf({ subject: ann }), PASS).subject).toEqual(ann);
    expect(move(planOf(), { kind: 'pass', identified: ann }).subject).toEqual(ann);
  });
});

describe('inserted stages', () => {
  it('run in order before the stage that inserted them', () => {
    const before = planOf({ refusal: rejection, learned: { a: 1 } });
    const { plan, effects } = advance(before, insert('totp_setup', 'passkey_setup'), flow, NOON);
    expect(changes(before, plan)).toEqual({
      inserted: [
        { type: 'totp_setup', options: {} },
        { type: 'passkey_setup', options: {} },
      ],
      insertions: ['0:totp_setup', '0:passkey_setup'],
      refusal: null,
    });
    expect(effects).toEqual([]);
    const afterOne = move(plan, PASS);
    expect([insertedInto(afterOne), afterOne.cursor]).toEqual([['passkey_setup'], 0]);
    const afterTwo = move(afterOne, PASS);
    expect([insertedInto(afterTwo), afterTwo.cursor]).toEqual([[], 0]);
    expect(move(afterTwo, PASS).cursor).toBe(1);
  });

  it('may insert others before themselves', () => {
    const plan = move(move(planOf(), insert('totp_setup')), insert('password_change'));
    expect(insertedInto(plan)).toEqual(['password_change', 'totp_setup']);
    expect(plan.insertions).toEqual(['0:totp_setup', '0:password_change']);
  });

  it('come with what the inserting stage must remember', () => {
    const before = planOf({ learned: { a: 1, b: 1 } });
    const step = { ...insert('totp_setup'), learned: { b: 2 } } as Step;
    expect(move(before, step).learned).toEqual({ a: 1, b: 2 });
    expect(move(before, insert('totp_setup')).learned).toEqual({ a: 1, b: 1 });
  });

  it.each<[string, Step]>([
    ['the same stage is inserted again', insert('totp_setup')],
    ['a stage is inserted twice at once', insert('email_code', 'email_code')],
    ['nothing is inserted', insert()],
  ])('stop the run if %s, since it would never end', (_, step) => {
    const once = move(move(planOf(), insert('totp_setup')), PASS);
    expect(changes(once, move(once, step))).toEqual({
      state: 'stopped',
      stopped: { reason: { code: 'stage/again' }, text },
    });
  });

  it('may be inserted again at a later stage', () => {
    const later = move(move(move(planOf(), insert('totp_setup')), PASS), PASS);
    expect(move(later, insert('totp_setup'))).toMatchObject({
      state: 'running',
      insertions: ['0:totp_setup', '1:totp_setup'],
    });
  });

  it('are skipped with the stage that inserted them', () => {
    const { plan, effects } = advance(move(planOf(), insert('totp_setup')), SKIP, flow, NOON);
    expect(plan).toMatchObject({ cursor: 1, inserted: [] });
    expect(effects).toEqual([]);
  });

  it('ask again after a rejected submission, even where the flow starts over', () => {
    const strict = aFlow(['retry', 'restart']);
    const second = planOf({ cursor: 1, learned: { a: 1 } });
    const inserting = move(second, insert('totp_setup'), strict);
    expect(move(inserting, ask({ reason }), strict)).toMatchObject({
      cursor: 1,
      refused: 1,
      refusal: rejection,
      inserted: [{ type: 'totp_setup', options: {} }],
      learned: { a: 1 },
    });
    const passed = move(inserting, PASS, strict);
    expect(move(passed, ask({ reason }), strict)).toMatchObject({
      cursor: 0,
      inserted: [],
      insertions: [],
      learned: {},
    });
  });
});

describe('a rejected submission', () => {
  const label = { key: 'l' };
  const required = true;
  const error = { key: 'e' };
  const retryAt = NOON + 60_000;

  it('is counted and shown, with its text and the time of the next attempt', () => {
    const rejected = ask({ reason, rejection: text, retryAt });
    expect(changes(planOf(), move(planOf(), rejected))).toEqual({
      refused: 1,
      refusal: { reason, text, retryAt, fields: {} },
    });
    expect(move(planOf(), ask({ reason })).refusal).toEqual(rejection);
  });

  it('stores codes and texts of policies, not the details for operators', () => {
    const detail = { code: 'password/breached', detail: 'found 12 times', rule: 'stages[0]' };
    const reasons = [{ field: 'password', reason: detail, words: text }];
    expect(move(planOf(), ask({ reason, reasons })).refusal?.reasons).toEqual([
      { field: 'password', reason: { code: 'password/breached' }, words: text },
    ]);
  });

  it.each<[string, Field, object]>([
    [
      'a text',
      { kind: 'text', name: 'f', label, required, maxLength: 9, value: 'ann' },
      { f: { value: 'ann' } },
    ],
    [
      'a text that is too long',
      { kind: 'text', name: 'f', label, required, maxLength: 2, value: 'ann' },
      { f: { value: 'an' } },
    ],
    [
      'a choice of a dropdown',
      { kind: 'dropdown', name: 'f', label, required, options: [], value: 'a'.repeat(300) },
      { f: { value: 'a'.repeat(256) } },
    ],
    ['a text left empty', { kind: 'text', name: 'f', label, required, maxLength: 9 }, { f: {} }],
    [
      'the error of a text',
      { kind: 'text', name: 'f', label, required, maxLength: 9, value: 'ann', error },
      { f: { value: 'ann', error } },
    ],
    [
      'the error of a code, not the code',
      { kind: 'code', name: 'f', label, required, maxLength: 9, value: '123456', error },
      { f: { error } },
    ],
    [
      'nothing of a code without an error',
      { kind: 'code', name: 'f', label, required, maxLength: 9, value: '123456' },
      {},
    ],
    [
      'the error of a password, not the password',
      {
        kind: 'password',
        name: 'f',
        label,
        required,
        maxLength: 9,
        autocomplete: 'new-password',
        error,
      },
      { f: { error } },
    ],
    ['nothing of a checkbox', { kind: 'checkbox', name: 'f', label, checked: true }, {}],
    ['nothing of a field without a name', { kind: 'separator' }, {}],
  ])('stores %s', (_, field, expected) => {
    expect(shown(field)).toStrictEqual(expected);
  });

  it.each<[Field['kind'], boolean]>([
    ['text', true],
    ['email', true],
    ['number', true],
    ['date', true],
    ['radio', true],
    ['dropdown', true],
    ['code', false],
    ['password', false],
    ['choice', false],
    ['checkbox', false],
  ])('may store the value of a field of the kind "%s": %s', (kind, open) => {
    expect(isOpen({ kind, name: 'f', label } as Field)).toBe(open);
  });
});

describe('a run that starts over', () => {
  const subject = { login: 'ann', userId: 'embedded/1' };
  const learned = { [INVITATION_KEY]: 'i1', 'link:email': 'l1', link: 'x', other: 1 };
  const restarted = (onInvalid: OnInvalid, requires: Requirement, event: Plan['event']) => {
    const given = aFlow(['retry', onInvalid], { requires });
    const proofs = [{ method: 'password', at: NOON }] as const;
    const begun = event === undefined ? {} : { event };
    return move(planOf({ cursor: 1, subject, proofs, learned, ...begun }), ask({ reason }), given);
  };

  it.each<[OnInvalid, Requirement, boolean]>([
    ['restart', 'anyone', false],
    ['restart', 'anonymous', false],
    ['restart', 'session', true],
    ['restart', 'fresh', true],
    ['restart', 'link', true],
    ['restart_keeping', 'anyone', true],
  ])('after "%s" in a flow for "%s", keeps its user: %s', (onInvalid, requires, keeps) => {
    const plan = restarted(onInvalid, requires, undefined);
    expect(plan).toMatchObject({ cursor: 0, proofs: [], refused: 1, refusal: rejection });
    expect(plan.subject).toEqual(keeps ? subject : null);
  });

  it('keeps its invitation, and its link in a flow for links', () => {
    expect(restarted('restart', 'anyone', undefined).learned).toEqual({ [INVITATION_KEY]: 'i1' });
    expect(restarted('restart', 'link', undefined).learned).toEqual({
      [INVITATION_KEY]: 'i1',
      'link:email': 'l1',
    });
  });

  it.each<[Plan['event'], OnInvalid, Plan['event']]>([
    ['link', 'restart', 'visit'],
    ['link', 'restart_keeping', 'link'],
    ['invitation', 'restart', 'invitation'],
    [undefined, 'restart', undefined],
  ])('after an event %s and "%s" has the event %s', (event, onInvalid, expected) => {
    expect(restarted(onInvalid, 'anyone', event).event).toBe(expected);
  });
});

describe('a run that began with a link', () => {
  const subject = { login: 'ann', userId: 'embedded/1' };

  it.each<[string, Partial<Extract<Step, { kind: 'pass' }>>, Plan['event']]>([
    ['keeps its event while its user stays', {}, 'link'],
    [
      'keeps its event if the same user is identified again',
      { identified: { ...subject, login: 'a@x' } },
      'link',
    ],
    [
      'counts as a visit for another user',
      { identified: { login: 'bob', userId: 'embedded/2' } },
      'visit',
    ],
    [
      'counts as a visit for an unknown name',
      { identified: { login: 'ann', userId: null } },
      'visit',
    ],
  ])('%s', (_, parts, event) => {
    const before = planOf({ subject, event: 'link' });
    expect(move(before, { kind: 'pass', ...parts }).event).toBe(event);
  });

  it('remains an invitation for every user if it began with one', () => {
    const before = planOf({ subject, event: 'invitation' });
    const other = { login: 'bob', userId: 'embedded/2' };
    expect(move(before, { kind: 'pass', identified: other }).event).toBe('invitation');
  });
});
