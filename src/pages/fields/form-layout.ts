/** How a challenge's fields make a form: which button is the main one, what stands below it, which assets it needs. */
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import type { AssetName } from '../frame/assets.ts';
import { captchaScript, captchasOf } from './captcha.ts';

/** A field and its place among those of the challenge. */
export interface Placed {
  readonly field: Field;
  readonly index: number;
}

/** A form's parts, in their order. */
export interface FormLayout {
  readonly above: readonly Placed[];
  /** What sends the form: the submit button, or a field whose own buttons are the answer. */
  readonly main: 'submit' | 'passkey' | 'choice';
  /** Other ways than the main one. */
  readonly below: readonly Placed[];
  /** Takes the focus; -1 for none. */
  readonly first: number;
  /** Whether the page must scroll to it on a small screen: a picture, codes or text come before it. */
  readonly isLow: boolean;
}

/**
 * A passkey with nothing else to fill in, and a choice that must be made, need no second button.
 * Else they stand below the submit button, which so is the one that Enter presses. A second passkey
 * button is always below: a form has one main button.
 */
export function formLayout(challenge: Challenge): FormLayout {
  const placed = challenge.fields.map((field, index) => ({ field, index }));
  const main = mainOf(challenge.fields);
  const first = firstOf(challenge.fields, main);
  const firstPasskey = challenge.fields.findIndex(({ kind }) => kind === 'passkey');
  const isOther = ({ field, index }: Placed): boolean =>
    (field.kind === 'choice' && main !== 'choice') ||
    (field.kind === 'passkey' && (main === 'submit' || index !== firstPasskey));
  return {
    above: placed.filter((one) => !isOther(one)),
    main,
    below: placed.filter(isOther),
    first,
    isLow: challenge.fields.slice(0, Math.max(first, 0)).some(({ kind }) => TALL.has(kind)),
  };
}

/** Fields that may fill a small screen. */
const TALL: ReadonlySet<Field['kind']> = new Set(['qr', 'codes', 'text-block', 'alert']);

/** The first field that is wrong, else the first still to be filled in, else the first that can be. */
function firstOf(fields: readonly Field[], main: FormLayout['main']): number {
  const wrong = fields.findIndex((f) => 'error' in f && f.error !== undefined && isEntry(f));
  if (wrong >= 0) return wrong;
  const empty = fields.findIndex(
    (f) => isToFill(f) || (f.kind === 'passkey' && main === 'passkey'),
  );
  return empty >= 0 ? empty : fields.findIndex(isEntry);
}

/** Style sheets beside the one that every page has. */
export function sheetsFor(fields: readonly Field[]): readonly AssetName[] {
  const plain = new Set([
    'text',
    'email',
    'code',
    'password',
    'checkbox',
    'username',
    'text-block',
  ]);
  return fields.every((field) => plain.has(field.kind)) ? [] : ['fields.css'];
}

/** Scripts, ours first by name, then those of others by URL. The one that guards the sending comes last. */
export function scriptsFor(fields: readonly Field[]): {
  readonly own: readonly AssetName[];
  readonly foreign: readonly string[];
} {
  const has = (...kinds: readonly Field['kind'][]): boolean =>
    fields.some((field) => kinds.includes(field.kind));
  const own: (readonly [boolean, AssetName])[] = [
    [has('passkey'), 'passkey.js'],
    [has('work'), 'work.js'],
    [has('qr', 'codes'), 'codes.js'],
    [has('captcha'), 'captcha.js'],
    [true, 'doorward.js'],
  ];
  return {
    own: own.flatMap(([isNeeded, name]) => (isNeeded ? [name] : [])),
    foreign: [...new Set(captchasOf(fields).map(captchaScript))],
  };
}

function mainOf(fields: readonly Field[]): FormLayout['main'] {
  if (fields.some((field) => field.kind === 'choice' && field.required)) return 'choice';
  const isAsked = fields.some(
    (f) => ('required' in f && f.required) || f.kind === 'work' || f.kind === 'captcha',
  );
  return !isAsked && fields.some((field) => field.kind === 'passkey') ? 'passkey' : 'submit';
}

/** Whether it is typed into or chosen from. */
function isEntry(field: Field): boolean {
  return 'maxLength' in field || ['number', 'date', 'radio', 'dropdown'].includes(field.kind);
}

function isToFill(field: Field): boolean {
  if (field.kind === 'password') return true;
  return isEntry(field) && 'value' in field ? (field.value ?? '') === '' : isEntry(field);
}
