/** The layout of a challenge's form: its main button, the fields below that button, the assets it needs. */
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import type { AssetName } from '../frame/assets.ts';
import { captchaScripts } from '../frame/captcha-providers.ts';

/** A field and its index in the challenge. */
export interface Placed {
  readonly field: Field;
  readonly index: number;
}

/** A form's parts, in order. */
export interface FormLayout {
  readonly above: readonly Placed[];
  /** What submits the form: the submit button, or a field with buttons of its own. */
  readonly main: 'submit' | 'passkey' | 'choice';
  /** Alternatives to the main button. */
  readonly below: readonly Placed[];
  /** Index of the field with the focus, or -1. */
  readonly first: number;
  /** Whether a small screen may have to scroll to it, because an image, codes, or text come first. */
  readonly isLow: boolean;
}

/**
 * Lays out a form. A passkey with nothing else to fill in, and a required choice, need no submit
 * button. Otherwise they come below the submit button, because Enter presses the first button of a
 * form. A second passkey button is always below: a form has one main button.
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
const TALL: ReadonlySet<Field['kind']> = new Set([
  'qr',
  'codes',
  'secret',
  'items',
  'text-block',
  'alert',
]);

/** The first field in error, else the first empty one, else the first that can be filled in. */
function firstOf(fields: readonly Field[], main: FormLayout['main']): number {
  const wrong = fields.findIndex((f) => 'error' in f && f.error !== undefined && isInput(f));
  if (wrong >= 0) return wrong;
  const empty = fields.findIndex(
    (f) => isToFill(f) || (f.kind === 'passkey' && main === 'passkey'),
  );
  return empty >= 0 ? empty : fields.findIndex(isInput);
}

/** Style sheets in addition to those of every page. */
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
  if (fields.every((field) => plain.has(field.kind))) return [];
  const isOwn = fields.some(({ kind }) => kind === 'items' || kind === 'secret');
  return isOwn ? ['fields.css', 'account.css'] : ['fields.css'];
}

/** Our scripts by name, and those of captchas by URL. doorward.js comes last, because it guards against double submission. */
export function scriptsFor(fields: readonly Field[]): {
  readonly own: readonly AssetName[];
  readonly foreign: readonly string[];
} {
  const has = (...kinds: readonly Field['kind'][]): boolean =>
    fields.some((field) => kinds.includes(field.kind));
  const own: (readonly [boolean, AssetName])[] = [
    [has('passkey'), 'passkey.js'],
    [has('work'), 'work.js'],
    [has('qr', 'codes', 'secret'), 'codes.js'],
    [has('captcha'), 'captcha.js'],
    [true, 'doorward.js'],
  ];
  return {
    own: own.flatMap(([isNeeded, name]) => (isNeeded ? [name] : [])),
    foreign: captchaScripts(fields),
  };
}

function mainOf(fields: readonly Field[]): FormLayout['main'] {
  if (fields.some((field) => field.kind === 'choice' && field.required)) return 'choice';
  const hasInput = fields.some(
    (f) => ('required' in f && f.required) || f.kind === 'work' || f.kind === 'captcha',
  );
  return !hasInput && fields.some((field) => field.kind === 'passkey') ? 'passkey' : 'submit';
}

/** Whether users type into it or choose from it. */
function isInput(field: Field): boolean {
  return 'maxLength' in field || ['number', 'date', 'radio', 'dropdown'].includes(field.kind);
}

function isToFill(field: Field): boolean {
  if (field.kind === 'password') return true;
  return isInput(field) && 'value' in field ? (field.value ?? '') === '' : isInput(field);
}
