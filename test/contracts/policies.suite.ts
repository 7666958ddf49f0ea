/** The contract of every policy. Each folder must have a list of cases. */
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  type Binding,
  evaluateBinding,
  type Policy,
  type PolicyInput,
  type Verdict,
} from '../../src/core/policy/policy.ts';
import type { Signal, SignalKind } from '../../src/core/access/signal.ts';
import { catalogue } from '../../src/pages/words/catalogue.ts';
import { openSignals } from '../../src/signals/signals.ts';
import { faultsOf, loadText } from '../support/configuration.ts';
import { fakeEvents } from '../support/fakes.ts';
import { optionTables } from '../support/option-table.ts';
import { anInput, aSession, aUser } from '../support/policy-input.ts';
import { readmeOf } from '../support/readme.ts';
import { aQuery, signalTools } from '../support/signal-query.ts';

/** Reasons that mean a policy could not be evaluated. */
const NOT_EVALUATED: readonly string[] = ['policy/error', 'signal/missing'];

/** Policies whose details are the operator's own words. */
const OPERATORS_WORDS: readonly string[] = ['dummy', 'expression'];

/** Options with inputs that together produce every reason of the policy. */
export interface PolicyExample {
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Partial<PolicyInput>[];
}

/** A binding of a policy, as the linker would create it. */
function bind(policy: Policy, options: unknown, changes: Partial<Binding> = {}): Binding {
  const config: unknown = policy.config.parse(options);
  return {
    name: policy.type,
    evaluate: policy.compile(config),
    negate: false,
    otherwise: null,
    expires: null,
    dryRun: false,
    needs: policy.needs?.(config, policy.field ?? null) ?? [],
    field: policy.field ?? null,
    at: 'routes[0].policies[0]',
    line: 'doorward.yaml:1:1',
    ...changes,
  };
}

function verdictOf(binding: Binding, input: PolicyInput): Verdict {
  return evaluateBinding(binding, input).verdict;
}

const late: Signal['gather'] = () => new Promise(() => undefined);
const broken: Signal['gather'] = () => Promise.reject(new Error('broken'));

/** A signal in place of the real one. */
function kindOf(name: string, gather: Signal['gather']) {
  const kind: SignalKind = {
    name,
    config: z.unknown(),
    deadline: 1_000,
    open: () => Promise.resolve({ gather, close: () => Promise.resolve() }),
  };
  return { kind, options: {} };
}

/** Registers the contract for one policy. */
export function policyContract(policy: Policy, cases: readonly PolicyExample[]): void {
  const readme = readmeOf('policies', policy.type);
  const all = cases.flatMap(({ options, inputs }) =>
    inputs.map((changes) => ({ options, input: anInput(changes) })),
  );

  describe(`the policy ${policy.type}`, () => {
    it('has cases that pass and cases that fail', () => {
      const verdicts = all.map(({ options, input }) => verdictOf(bind(policy, options), input));
      expect(new Set(verdicts.map((v) => v.pass))).toEqual(new Set([true, false]));
    });

    it('refuses an unknown option', () => {
      for (const { options } of cases) {
        expect(policy.config.safeParse(options).success).toBe(true);
        expect(policy.config.safeParse({ ...options, surprise: true }).success).toBe(false);
      }
    });

    it('returns the same verdict for the same input, and does not change its input', () => {
      for (const { options, input } of all) {
        const given = Object.freeze(structuredClone(options));
        const binding = bind(policy, given);
        const { header, isRepeated, ...facts } = input.facts;
        const frozen = { ...deepFreeze(structuredClone({ ...input, facts })), facts: input.facts };
        Object.freeze(header);
        Object.freeze(isRepeated);
        const first = verdictOf(binding, frozen);
        expect(verdictOf(binding, frozen)).toEqual(first);
        expect(verdictOf(bind(policy, given), frozen)).toEqual(first);
      }
    });

    it('gives the location of the rule with every reason', () => {
      for (const { options, input } of all) {
        expect(verdictOf(bind(policy, options), input).reason.rule).toBe('routes[0].policies[0]');
      }
    });

    it('is inverted by `negate`, unless it could not be evaluated', () => {
      for (const { options, input } of all) {
        const plain = verdictOf(bind(policy, options), input);
        const turned = verdictOf(bind(policy, options, { negate: true }), input);
        const isError = NOT_EVALUATED.includes(plain.reason.code);
        expect(turned.pass).toBe(isError ? false : !plain.pass);
      }
    });

    it('never passes when all data is missing, negated or not', () => {
      const nothing = anInput({ user: null, session: null, route: null, flow: null });
      const input = { ...nothing, facts: { ...nothing.facts, clientIp: '' } };
      const looksAtRequestOnly = ['http', 'time', 'dummy'].includes(policy.type);
      const verdicts = cases.flatMap(({ options }) =>
        [true, false].map((negate) => verdictOf(bind(policy, options, { negate }), input)),
      );
      const opened = verdicts.filter((v) => v.pass || !NOT_EVALUATED.includes(v.reason.code));
      expect(looksAtRequestOnly ? [] : opened).toEqual([]);
    });

    it.runIf(policy.withoutUser)('returns the same verdict with and without a user', () => {
      const unreadable = {
        get: (): never => {
          throw new Error('there is no user');
        },
      };
      for (const { options, input } of all) {
        const binding = bind(policy, options);
        const withUser = verdictOf(binding, { ...input, user: aUser(), session: aSession() });
        expect(verdictOf(binding, { ...input, user: null, session: null })).toEqual(withUser);
        const blind = Object.defineProperties(
          { ...input },
          { user: unreadable, session: unreadable },
        );
        expect(verdictOf(binding, blind)).toEqual(withUser);
      }
    });

    it('fails when it throws, negated or not', () => {
      const unreadable = new Proxy(anInput(), {
        get(target, key) {
          if (key === 'signals') return target.signals;
          throw new Error(`${String(key)} cannot be read`);
        },
        ownKeys: () => {
          throw new Error('nothing can be read');
        },
      });
      const verdicts = cases.flatMap(({ options }) =>
        [true, false].map((negate) => verdictOf(bind(policy, options, { negate }), unreadable)),
      );
      const opened = verdicts.filter((v) => v.pass || !NOT_EVALUATED.includes(v.reason.code));
      // Returns the given verdict, regardless of the request.
      expect(policy.type === 'dummy' ? [] : opened).toEqual([]);
    });

    it('fails when its data is late or broken, negated or not', async () => {
      vi.useFakeTimers();
      try {
        for (const { options } of cases) {
          for (const gather of [late, broken]) {
            const binding = bind(policy, options);
            const kinds = binding.needs.map((name) => kindOf(name.split(':', 1)[0] ?? '', gather));
            const { source } = await openSignals(kinds, signalTools(), fakeEvents());
            const gathering = source(binding.needs, aQuery());
            await vi.runAllTimersAsync();
            const input = anInput({ signals: await gathering });
            for (const negate of binding.needs.length === 0 ? [] : [true, false]) {
              const { pass, reason } = verdictOf({ ...binding, negate }, input);
              expect([pass, reason.code]).toEqual([false, 'signal/missing']);
            }
          }
        }
      } finally {
        vi.useRealTimers();
      }
    });

    it('has a text for each refusal, in English and German, and no other', () => {
      const verdicts = all.map(({ options, input }) => verdictOf(bind(policy, options), input));
      const refusals = verdicts.filter((v) => !v.pass && !NOT_EVALUATED.includes(v.reason.code));
      const codes = [policy.type, ...refusals.map(({ reason }) => reason.code)];
      const { en, de = {} } = policy.texts;
      expect(Object.keys(en)).toContain(`reason.${policy.type}`);
      expect(codes.map((code) => `reason.${code}`)).toEqual(
        expect.arrayContaining(Object.keys(en).filter((key) => !key.startsWith('detail.'))),
      );
      expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    });

    it('says what it compared in English and German, with all values and no other sentence', () => {
      const { texts } = policy;
      const words = catalogue([texts]);
      const used = new Set<string>();
      for (const { options, input } of all) {
        for (const negate of [false, true]) {
          const { pass, reason } = verdictOf(bind(policy, options, { negate }), input);
          const { code, detail, compared } = reason;
          if (compared === undefined) {
            const isText = detail !== undefined && !pass && !NOT_EVALUATED.includes(code);
            const isOwn = negate || OPERATORS_WORDS.includes(policy.type);
            expect([code, isText && !isOwn]).toEqual([code, false]);
            continue;
          }
          expect(words.say(compared, 'en')).toBe(detail);
          expect(words.say(compared, 'de')).not.toMatch(/^detail\.|\{[a-z]+\}/);
          used.add('key' in compared ? compared.key : '');
        }
      }
      const keys = Object.keys(texts.en).filter((key) => key.startsWith('detail.'));
      expect([...used].sort()).toEqual(keys.sort());
      // Logs and `explain` fill in the English sentence without the parser of ICU messages.
      const english = keys.map((key) => texts.en[key] ?? '');
      expect(english.filter((text) => /'|\{(?![a-z]+\})/.test(text))).toEqual([]);
    });

    it('reports an unknown option at load, with its location', async () => {
      for (const { options } of cases) {
        const own = { type: policy.type, ...options, surprise: true };
        const main = { public_url: 'https://auth.example.com', policies: { own } };
        const paths = faultsOf(await loadText(JSON.stringify(main))).map((fault) => fault.path);
        expect(paths).toContain('policies.own.surprise');
      }
    });

    it('describes each option', () => {
      expect(() => optionTables(policy.config)).not.toThrow();
    });

    it('explains each of its reasons in its README, and has a case for each', () => {
      const own = new RegExp(`\`(${policy.type}/[a-z-]+)\``, 'g');
      const explained = new Set([...readme.reasons.join('\n').matchAll(own)].map((m) => m[1]));
      const given = new Set(
        all.map(({ options, input }) => verdictOf(bind(policy, options), input).reason.code),
      );
      for (const code of NOT_EVALUATED) given.delete(code);
      expect(given).toEqual(explained);
    });
  });
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
