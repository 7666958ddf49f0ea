import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../../test/support/factors.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import type { Json } from '../../core/values/json.ts';
import type { Binding, PolicySet, PolicyInput, Signals } from '../../core/policy/policy.ts';
import { reasonText } from '../../core/values/reason.ts';
import { expression } from '../../policies/expression/policy.ts';
import { passwordStrength } from '../../policies/password_strength/policy.ts';
import { prompt } from './stage.ts';

const PASSWORD = 'tractor sheds';

/** A binding as the linker creates it. */
function bound(evaluate: Binding['evaluate'], changes: Partial<Binding> = {}): Binding {
  return {
    name: 'test',
    evaluate,
    negate: false,
    otherwise: null,
    expires: null,
    dryRun: false,
    needs: [],
    field: null,
    at: 'flows/form.stages[0].validation[0]',
    line: '',
    ...changes,
  };
}

const strong = (options: object, changes: Partial<Binding> = {}): Binding => {
  const config = passwordStrength.config.parse({ min: 10, common: false, ...options });
  const needs = passwordStrength.needs?.(config, 'password') ?? [];
  return bound(passwordStrength.compile(config), { needs, field: 'password', ...changes });
};
const when = (text: string, field: string | null = null): Binding =>
  bound(expression.compile(expression.config.parse({ when: text })), { field });
const says = (code: string, field: string | null = null): Binding =>
  bound(() => ({ pass: false, reason: { code, detail: 'the operands' } }), { field });

const throws = (): never => {
  throw new TypeError('broken');
};

async function reach(bindings: readonly Binding[], signals: Signals = {}) {
  const validators: PolicySet = { match: 'all', bindings };
  const fields = [
    { type: 'username', name: 'username' },
    { type: 'email', name: 'email', required: false },
    { type: 'checkbox', name: 'terms', label: 'Terms' },
    { type: 'hidden', name: 'plan_name', value: 'free' },
    { type: 'password', name: 'password', required: false },
    { type: 'password', name: 'password_repeat', required: false },
  ];
  const words = [
    { type: 'prompt', fields, validation: [], validators },
    { type: 'message', title: 'Thanks', text: 'Bye' },
  ];
  const base = flowEngine({ flows: [testFlow('form', words)] });
  const requested: (readonly string[])[] = [];
  const hashed: string[] = [];
  const deps = {
    ...base.deps,
    signals: (names: readonly string[]) => {
      requested.push(names);
      return Promise.resolve(signals);
    },
    ports: {
      ...base.deps.ports,
      passwords: {
        hash: (password: string) => {
          hashed.push(password);
          return Promise.resolve('hash');
        },
      },
    },
  };
  const engine = { ...base, deps };
  const browser = flowBrowser(engine);
  let page = await browser.open('/flow/form');
  const send = async (typed: Record<string, string> = {}) => {
    page = await browser.submit(page, {
      username: 'bob',
      password: PASSWORD,
      password_repeat: PASSWORD,
      ...typed,
    });
    return page;
  };
  const plan = () => [...base.plans.all.values()].at(-1);
  return { send, plan, requested, hashed };
}

describe('a prompt with validation', () => {
  it('passes if its policies pass', async () => {
    const { send, plan } = await reach([
      strong({}),
      when("prompt.username == 'bob' && prompt.plan_name == 'free'"),
    ]);
    expect((await send()).view.challenge.title).toEqual({ literal: 'Thanks' });
    expect(plan()?.learned).toMatchObject({ 'prompt.username': 'bob' });
  });

  it('shows the operator’s own message, but not for a policy that could not be evaluated', async () => {
    const message = { en: 'Use your work address.', de: 'Verwenden Sie Ihre Dienstadresse.' };
    const own = { ...when("prompt.email.endsWith('@example.com')", 'email'), message };
    const { send } = await reach([own, { ...bound(throws), message }]);
    const again = await send({ email: 'bob@elsewhere.example' });
    expect(fieldOf(again, 'email').error).toEqual({ literal: message });
    expect(again.view.rejection).toEqual({ key: 'flow.refused.unjudged' });
  });

  it('shows each failure beside its field, with its message, and counts one rejected submission', async () => {
    const { send, plan, hashed } = await reach([
      strong({ min: 20 }),
      when("prompt.email.endsWith('@example.com')", 'email'),
    ]);
    const again = await send({ email: 'bob@elsewhere.example' });
    expect(fieldOf(again, 'password').error).toEqual(
      reasonText({ code: 'password_strength/too-short', values: { least: 20 } }),
    );
    expect(fieldOf(again, 'email').error).toEqual(reasonText({ code: 'expression/false' }));
    expect(fieldOf(again, 'email').value).toBe('bob@elsewhere.example');
    expect(again.view.rejection).toEqual({ key: 'prompt.invalid' });
    expect(plan()?.refused).toBe(1);
    expect(hashed).toEqual([]);
  });

  it('shows failures above the form if they have no field, or none that can show them', async () => {
    const { send } = await reach([
      says('group/not-member'),
      says('time/closed', 'plan_name'),
      says('user/excluded', 'terms'),
      says('user/excluded'),
    ]);
    const again = await send();
    expect(again.view.rejection).toEqual(reasonText({ code: 'group/not-member' }));
    const alerts = again.view.challenge.fields.filter((f: { kind: string }) => f.kind === 'alert');
    expect(alerts.map((f: { text: unknown }) => f.text)).toEqual([
      reasonText({ code: 'time/closed' }),
      reasonText({ code: 'user/excluded' }),
      reasonText({ code: 'user/excluded' }),
    ]);
  });

  it('shows the first of several failures beside one field', async () => {
    const { send } = await reach([says('user/excluded', 'email'), says('time/closed', 'email')]);
    expect(fieldOf(await send(), 'email').error).toEqual(reasonText({ code: 'user/excluded' }));
  });

  it('stores nothing that was evaluated, and no operands', async () => {
    const { send, plan } = await reach([strong({ min: 20 }), says('user/excluded')]);
    const again = await send();
    const kept = JSON.stringify(plan());
    for (const text of [kept, again.text]) {
      expect(text).not.toContain('tractor');
      expect(text).not.toContain('operands');
      expect(text).not.toContain('13 of 20');
    }
    expect(plan()?.learned).toEqual({});
  });

  it('does not evaluate an invalid submission', async () => {
    const { send, requested } = await reach([strong({ score: 3 })], {
      'strength:password': 0,
    });
    expect(fieldOf(await send({ username: 'a b' }), 'password').error).toBeUndefined();
    expect(requested).toEqual([]);
    expect(fieldOf(await send(), 'password').error).toEqual(
      reasonText({ code: 'password_strength/too-easy' }),
    );
    expect(requested).toEqual([['strength:password']]);
  });

  it('rejects what could not be evaluated, and asks to retry', async () => {
    const { send } = await reach([strong({ score: 3 }), bound(throws, { negate: true })]);
    const again = await send();
    expect(fieldOf(again, 'password').error).toEqual({ key: 'flow.refused.unjudged' });
    expect(again.view.rejection).toEqual({ key: 'flow.refused.unjudged' });
  });

  it('reports a dry run and continues', async () => {
    const { send } = await reach([strong({ min: 20 }, { dryRun: true })]);
    expect((await send()).view.challenge.title).toEqual({ literal: 'Thanks' });
  });

  it('gives policies every value: submitted, fixed, and left out', async () => {
    let seen: PolicyInput['prompt'] = null;
    const evaluate = ({ prompt: given }: PolicyInput) => {
      seen = given;
      return { pass: false, reason: { code: 'test/no' } };
    };
    const { send } = await reach([bound(evaluate)]);
    await send({ plan_name: 'gold', terms: 'on' });
    const expected: Record<string, Json> = {
      username: 'bob',
      email: null,
      terms: true,
      plan_name: 'free',
      password: PASSWORD,
    };
    expect(seen).toEqual(expected);
    await send({ password: '', password_repeat: '' });
    expect(seen).toMatchObject({ password: null });
  });

  it('is evaluated with existing fields', () => {
    const config = prompt.config.parse({
      fields: [
        { type: 'text', name: 'team', label: 'Team' },
        { type: 'separator' },
        { type: 'hidden', name: 'role', value: 'guest' },
      ],
      validation: [{ type: 'dummy', pass: true }],
    });
    expect(prompt.submission?.policies?.(config)).toEqual({
      option: 'validation',
      fields: ['team', 'role'],
    });
    const { validation: _none, ...without } = config;
    expect(prompt.submission?.policies?.(without)).toBeNull();
  });

  it.each(['__proto__', 'constructor', 'prototype', 'csrf', 'seed'])(
    'has no field %s to concern',
    (name) => {
      const fields = [{ type: 'text', name, label: 'A' }];
      expect(prompt.config.safeParse({ fields, validation: [] }).success).toBe(false);
    },
  );
});
