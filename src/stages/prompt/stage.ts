/**
 * Asks for the fields the operator declared and stores each value in its type under
 * `prompt.<name>`. Undeclared fields are rejected, and only the hash of a password is stored.
 */
import { z } from 'zod';
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { asPassword, invitedOf, promptKey } from '../../core/flow/prompted.ts';
import {
  type Rejection,
  defineStage,
  type StageContext,
  type Step,
} from '../../core/flow/stage.ts';
import { challenge } from './challenge.ts';
import {
  type InputField,
  config,
  isInput,
  type Options,
  type PromptField,
  repeats,
} from './fields.ts';
import { isFrom, type Known } from './initial.ts';
import { nameError } from './username.ts';
import { parse, type Parsed, type Typed } from './parse.ts';
import type { User } from '../../core/people/user.ts';
import { newcomerOf } from '../../core/sources/newcomer.ts';
import { texts } from './texts.ts';

/** Maximum length of a submitted value, in characters. */
const MAX_TYPED = 1024;
const typed = z.union([z.string().max(MAX_TYPED), z.number(), z.boolean()]).optional();
/** The field that shows the address of an invitation. */
const EMAIL = 'email';

const PORTS = ['directories', 'passwords', 'users'] as const;
type Context = StageContext<Options, (typeof PORTS)[number]>;

/** See README.md beside this file. */
export const prompt = defineStage({
  type: 'prompt',
  config,
  submission: {
    shape: z.record(z.string().max(32), typed),
    shapeFor: (options) => z.strictObject(shapeOf(options)),
    policies: ({ fields, validation }) =>
      validation === undefined ? null : { option: 'validation', fields: namesOf(fields) },
  },
  uses: PORTS,
  claims: ({ fields }) => ({
    wants: [
      ...(isAnyFrom(fields, 'user') ? (['identified', 'owner'] as const) : []),
      ...(isAnyFrom(fields, 'source') ? (['newcomer'] as const) : []),
    ],
    gives: ['prompted'],
  }),
  texts,
  open(ctx): Promise<Step> {
    const page = { title: ctx.flow.title, known: knownTo(ctx), tried: null };
    return Promise.resolve({ kind: 'ask', challenge: challenge(optionsOf(ctx), page) });
  },
  async submit(ctx, given): Promise<Step> {
    const options = optionsOf(ctx);
    const parsed = parse(options.fields, given);
    const errors = new Map(parsed.errors);
    for (const [name, error] of await nameErrors(ctx, options, parsed)) errors.set(name, error);
    if (errors.size > 0)
      return again(ctx, options, { given, errors, rejection: firstWords(options, errors) });
    const against =
      options.validation === undefined ? [] : await ctx.evaluate(allOf(options, parsed));
    if (against.length > 0) return rejected(ctx, options, given, against);
    const secrets = await hashed(ctx, parsed);
    if (secrets === null) {
      return again(ctx, options, { given, errors, rejection: { key: 'prompt.busy' } });
    }
    return { kind: 'pass', learned: kept({ ...parsed.values, ...secrets }) };
  },
});

function shapeOf({ fields }: Options): Record<string, typeof typed> {
  return Object.fromEntries(namesOf(fields).map((name) => [name, typed]));
}

function namesOf(fields: Options['fields']): readonly string[] {
  return fields.flatMap((one) => ('name' in one ? [one.name] : []));
}

/**
 * Returns everything that policies evaluate: typed values including passwords, and fixed values. It
 * is not stored.
 */
function allOf({ fields }: Options, { values, secrets }: Parsed): Readonly<Record<string, Json>> {
  const none = fields.filter((one) => one.type === 'password' && repeats(one, fields) === null);
  const leftOut = Object.fromEntries(namesOf(none).map((name) => [name, null]));
  return { ...leftOut, ...values, ...secrets };
}

/** Shows each error next to its field; errors without a field appear above the form. */
function rejected(
  ctx: Context,
  options: Options,
  given: Typed,
  against: readonly Rejection[],
): Step {
  const placed = new Set(options.fields.filter(hasPlace).map((one) => one.name));
  const reasons = against.map((one) =>
    one.field !== null && placed.has(one.field) ? one : { ...one, field: null },
  );
  const errors = new Map<string, Message>();
  // The first error of a field takes precedence.
  for (const { field, words } of reasons.toReversed()) if (field !== null) errors.set(field, words);
  const above = reasons.find(({ field }) => field === null)?.words ?? { key: 'prompt.invalid' };
  return { ...again(ctx, options, { given, errors, rejection: above }), reasons };
}

/** Whether the page can show an error next to this field. */
function hasPlace(one: PromptField): one is InputField {
  return isInput(one) && one.type !== 'checkbox';
}

function kept(values: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [promptKey(name), value]),
  );
}

/** An invitation to one address is valid for that address only, so the field is fixed. */
function optionsOf(ctx: Context): Options {
  const invited = invitedOf(ctx.learned)?.email ?? null;
  if (invited === null) return ctx.config;
  const fix = (one: PromptField): PromptField =>
    one.type === 'email' && one.name === EMAIL
      ? { type: 'static', name: EMAIL, label: one.label ?? 'E-mail', value: invited }
      : one;
  return { ...ctx.config, fields: ctx.config.fields.map(fix) };
}

function isAnyFrom(fields: Options['fields'], origin: 'user' | 'source'): boolean {
  return fields.some((one) => 'value' in one && isFrom(one, origin));
}

/** What fields may begin with. */
function knownTo(ctx: Context): Known {
  return { user: ownerOf(ctx), newcomer: newcomerOf(ctx.learned, ctx.subject) };
}

/** The user, if the owner of the account runs the flow. */
function ownerOf(ctx: Context): User | null {
  return isOwner(ctx) && ctx.user?.id === ctx.subject.userId ? ctx.user : null;
}

/** Returns the errors of usernames that cannot be used, so that the user can choose another one here. */
async function nameErrors(
  ctx: Context,
  { fields }: Options,
  { values }: Parsed,
): Promise<ReadonlyMap<string, Message>> {
  const typedAddress = values[EMAIL];
  const verified = newcomerOf(ctx.learned, ctx.subject)?.email ?? '';
  const address = typeof typedAddress === 'string' ? typedAddress : verified;
  const errors = new Map<string, Message>();
  for (const one of fields) {
    const name = one.type === 'username' ? values[one.name] : null;
    if (one.type !== 'username' || typeof name !== 'string') continue;
    const error = await nameError(ctx.ports, name, { owner: ownerOf(ctx), address });
    if (error !== null) errors.set(one.name, error);
  }
  return errors;
}

/** Returns hashes by name, or null if the hashing queue is full. */
async function hashed(
  ctx: Context,
  { secrets }: Parsed,
): Promise<Readonly<Record<string, Json>> | null> {
  const hashes: Record<string, Json> = {};
  try {
    for (const [name, secret] of Object.entries(secrets)) {
      hashes[name] = asPassword(await ctx.ports.passwords.hash(secret));
    }
  } catch (caught) {
    // Named fallback: the user is asked to try again in a moment and loses only the passwords.
    if (caught instanceof Problem && caught.code === 'passwords/busy') return null;
    throw caught;
  }
  return hashes;
}

/** A checkbox cannot show its own error, so the error above the form names it. */
function firstWords({ fields }: Options, errors: ReadonlyMap<string, Message>): Message {
  const box = fields.find((one) => one.type === 'checkbox' && errors.has(one.name));
  return box?.type === 'checkbox'
    ? { key: 'prompt.unticked', values: { label: box.label } }
    : { key: 'prompt.invalid' };
}

/** What the page shows after a rejected submission. */
interface Rejected {
  readonly given: Typed;
  /** Errors by field. */
  readonly errors: ReadonlyMap<string, Message>;
  /** The error above the form. */
  readonly rejection: Message;
}

function again(
  ctx: Context,
  options: Options,
  { given, errors, rejection }: Rejected,
): Extract<Step, { kind: 'ask' }> {
  const inputs = new Set(options.fields.filter(isInput).map((one) => one.name));
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => inputs.has(name)));
  const page = { title: ctx.flow.title, known: knownTo(ctx), tried: { typed: own, errors } };
  return {
    kind: 'ask',
    challenge: challenge(options, page),
    reason: { code: 'answer/invalid' },
    rejection,
  };
}
