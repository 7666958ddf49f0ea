/**
 * Passes if a CEL expression is true. The expression is type-checked and bounded at load. At run
 * time, an error, a missing value or a result other than true or false fails the evaluation, so
 * `negate` cannot turn it into a pass. So does a path whose readings give different results.
 */
import { z } from 'zod';
import { definePolicy, type PolicyInput, type Verdict } from '../../core/policy/policy.ts';
import { ANY_NAME } from '../../core/request/path-text.ts';
import { readingsWithout } from '../../core/routes/passage.ts';
import { Problem } from '../../core/values/problem.ts';
import { survey } from './bounds.ts';
import { addNetwork, addPattern, checkZone } from './functions.ts';
import { language } from './language.ts';
import { variables } from './variables.ts';
import { RequestView } from './views.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** Maximum number of readings of a path for which an expression is evaluated. */
const MAX_READ_PATHS = 16;
/** Maximum length of an expression, in characters. */
const MAX_LENGTH = 2000;

const config = z.strictObject({
  when: z
    .string()
    .min(1)
    .max(MAX_LENGTH)
    .describe(
      'A CEL expression over user, session, credential, client, request, route, flow, prompt, claims, now.',
    ),
});

export const expression = definePolicy({
  type: 'expression',
  config,
  texts: {
    en: {
      'reason.expression': 'A custom rule denied access.',
    },
    de: {
      'reason.expression': 'Eine eigene Regel dieser Website hat den Zugriff verweigert.',
    },
  },
  compile({ when }) {
    const compiled = parse(when);
    const surveyed = survey(compiled.ast, when);
    for (const pattern of surveyed.patterns) addPattern(pattern);
    for (const network of surveyed.networks) addNetwork(network);
    for (const zone of surveyed.zones) checkZone(zone);
    const { valid, type, error } = compiled.check();
    if (!valid) throw unusable(error);
    // `dyn` is an attribute, whose type is only known at run time.
    if (type !== 'bool' && type !== 'dyn') {
      throw new Problem(
        'policy/expression',
        `the expression gives ${type}, expected true or false`,
      );
    }
    const detail = when.length > 200 ? `${when.slice(0, 200)}…` : when;
    const yes: Verdict = { pass: true, reason: { code: 'expression/true', detail } };
    const no: Verdict = { pass: false, reason: { code: 'expression/false', detail } };
    const evaluate = (input: PolicyInput, path: string): Answer => {
      const context = variables({ input, path }, surveyed);
      const result = run(compiled, context);
      if (typeof result !== 'boolean') {
        throw new Problem('policy/expression', 'the expression gave neither true nor false');
      }
      const { request } = context;
      return { result, isPathRead: request instanceof RequestView && request.isPathRead };
    };
    return (input) => {
      const { prefixes = [], frontControllers = [] } = input.route ?? {};
      const readings = readingsWithout(input.facts.path, prefixes, frontControllers);
      const [first, ...others] = readings ?? [];
      const { result, isPathRead } = evaluate(input, first ?? '');
      if (isPathRead) {
        // What stands for any name, and too many readings, cannot be evaluated.
        const all = [first, ...others];
        const isOpen =
          all.length > MAX_READ_PATHS || all.some((p) => p?.includes(ANY_NAME) ?? true);
        if (isOpen || others.some((path) => evaluate(input, path).result !== result)) {
          throw ambiguous();
        }
      }
      return result ? yes : no;
    };
  },
});

/** What an expression gave, and whether that depends on the path. */
interface Answer {
  readonly result: boolean;
  readonly isPathRead: boolean;
}

function ambiguous(): Problem {
  return new Problem('policy/ambiguous-path', 'the expression depends on how the path is read');
}

function parse(when: string) {
  try {
    return language().parse(when);
  } catch (cause) {
    throw unusable(cause);
  }
}

/** Evaluates. Error messages contain names written by the operator but never values. */
function run(compiled: (context: object) => unknown, context: object): unknown {
  try {
    return compiled(context);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const { code, summary } = fieldsOf(cause);
    const isName = code === 'no_such_key' || code === 'unknown_variable';
    throw new Problem(
      'policy/expression',
      `the expression met ${String(isName ? summary : code)}`,
      {
        cause,
      },
    );
  }
}

/** Keeps the parser's message and its caret under the location. */
function unusable(cause: unknown): Problem {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new Problem('policy/expression', `the expression cannot be used: ${words}`, { cause });
}
