/**
 * Passes if a new password is long enough and hard to guess. It stores nothing of the password and
 * quotes none of it in a reason.
 */
import { z } from 'zod';
import { folded, ownWords } from '../../core/proof/own-words.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type PolicyInput, type Verdict } from '../../core/policy/policy.ts';
import {
  LEAST_ALONE,
  LEAST_BESIDE_FACTOR,
  passwordLength,
} from '../../core/proof/password-rule.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { Problem } from '../../core/values/problem.ts';
import { texts } from './texts.ts';

const FIELD = 'password';
/**
 * Character classes: lowercase letters, capitals, digits and everything else. Letters without case
 * count as lowercase.
 */
const CLASSES: readonly RegExp[] = [
  /[\p{Ll}\p{Lo}\p{Lm}]/u,
  /[\p{Lu}\p{Lt}]/u,
  /\p{N}/u,
  /[^\p{L}\p{N}]/u,
];

const config = z.strictObject({
  min: z
    .union([z.int().min(1).max(128), z.literal('auto')])
    .prefault('auto')
    .describe(
      'Minimum number of characters. auto: 15 if a password is enough for some sign-in, 8 if every sign-in requires a second factor.',
    ),
  classes: z
    .int()
    .min(1)
    .max(4)
    .prefault(1)
    .describe('Minimum number of classes: lower case, upper case, digits, others.'),
  score: z
    .int()
    .min(1)
    .max(4)
    .optional()
    .describe(
      'Minimum estimated strength: 1 is very easy to guess, 3 is safe, 4 is very hard. Not checked by default.',
    ),
  own_data: z
    .boolean()
    .prefault(false)
    .describe('Whether names, addresses and other answers count toward `min`.'),
  words: z
    .array(z.string().min(3).max(64))
    .max(64)
    .prefault([])
    .describe('More words that do not count, such as the name of your company.'),
  common: z
    .boolean()
    .prefault(true)
    .describe('Whether to refuse the 100,000 most common passwords.'),
  breached: z
    .boolean()
    .prefault(false)
    .describe('Whether to refuse passwords found in a breach. Needs `signals.breached`.'),
});
type Options = z.infer<typeof config>;

const STRONG: Verdict = { pass: true, reason: { code: 'password_strength/strong' } };
const NONE: Verdict = { pass: true, reason: { code: 'password_strength/none' } };
const TOO_LONG: Verdict = { pass: false, reason: { code: 'password_strength/too-long' } };
const COMMON: Verdict = { pass: false, reason: { code: 'password_strength/common' } };
const BREACHED = failed(texts, 'password_strength/breached', {});

export const passwordStrength = definePolicy({
  type: 'password_strength',
  config,
  texts,
  field: FIELD,
  needs({ score, common, breached }, field) {
    const name = field ?? FIELD;
    return [
      ...(score === undefined ? [] : [`strength:${name}`]),
      ...(common ? [`common:${name}`] : []),
      ...(breached ? [`breached:${name}`] : []),
    ];
  },
  compile(options, configuration) {
    // Without the configuration, apply the stricter minimum.
    const isAlone = configuration?.isPasswordAlone ?? (() => true);
    const automatic = (): number => (isAlone() ? LEAST_ALONE : LEAST_BESIDE_FACTOR);
    const least = (): number => (options.min === 'auto' ? automatic() : options.min);
    const own = options.words.map(folded);
    return (input) => {
      const field = input.field ?? FIELD;
      const password = answerOf(input, field);
      // An optional password was left empty.
      if (password === null) return NONE;
      return (
        checkLength(password, least(), options) ??
        checkOwnData(password, [...own, ...ownWords(input, field)], least(), options) ??
        checkCommon(input, field, options) ??
        checkScore(input, field, options) ??
        checkBreached(input, field, options) ??
        STRONG
      );
    };
  },
});

/** Returns the typed password, or null if the field was left empty. */
function answerOf({ prompt }: PolicyInput, field: string): string | null {
  const answer = prompt !== null && Object.hasOwn(prompt, field) ? prompt[field] : undefined;
  if (answer === null) return null;
  if (typeof answer === 'string') return answer;
  throw new Problem('policy/no-password', 'no password was typed here');
}

function checkLength(password: string, min: number, { classes }: Options): Verdict | null {
  const length = passwordLength(password);
  if (length < min) return tooFew('too-short', length, min);
  // The same limit as for hashing.
  if (Buffer.byteLength(password.normalize('NFKC')) > MAX_PASSWORD_BYTES) return TOO_LONG;
  const found = CLASSES.filter((kind) => kind.test(password)).length;
  if (found >= classes) return null;
  return tooFew('too-few-classes', found, classes);
}

/** Removes words that an attacker tries first. The rest must be long enough by itself. */
function checkOwnData(
  password: string,
  words: readonly string[],
  min: number,
  { own_data: isCounted }: Options,
): Verdict | null {
  if (isCounted) return null;
  let rest = folded(password);
  for (const word of words) rest = rest.replaceAll(word, '\0');
  const left = passwordLength(rest.replaceAll('\0', ''));
  if (!rest.includes('\0') || left >= min) return null;
  return tooFew('own-data', left, min);
}

function checkCommon({ signals }: PolicyInput, field: string, options: Options): Verdict | null {
  if (!options.common) return null;
  const found = signals[`common:${field}`];
  if (typeof found !== 'boolean') throw new Problem('policy/no-signal', 'the signal is no boolean');
  return found ? COMMON : null;
}

function checkScore({ signals }: PolicyInput, field: string, { score }: Options): Verdict | null {
  if (score === undefined) return null;
  const estimated = numberOf(signals[`strength:${field}`]);
  return estimated >= score
    ? null
    : failed(texts, 'password_strength/too-easy', { found: estimated, least: score });
}

function checkBreached(
  { signals }: PolicyInput,
  field: string,
  { breached }: Options,
): Verdict | null {
  if (!breached || numberOf(signals[`breached:${field}`]) === 0) return null;
  return BREACHED;
}

function numberOf(signal: unknown): number {
  if (typeof signal === 'number') return signal;
  throw new Problem('policy/no-signal', 'the signal is no number');
}

/** `least` is also in the sentence for users. */
function tooFew(name: string, found: number, least: number): Verdict {
  const { pass, reason } = failed(texts, `password_strength/${name}`, { found, least });
  return { pass, reason: { ...reason, values: { least } } };
}
