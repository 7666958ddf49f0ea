/**
 * Writes prompted values into a new user or into the subject; only declared fields are written. It
 * shows no page. The executor decides who may change whom. Where a later stage verifies the address
 * of new users, it writes nothing and only remembers the user to create.
 */
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { type Invited, INVITED_KEY, invitedOf, promptKey } from '../../core/flow/prompted.ts';
import type { Effect } from '../../core/flow/effect.ts';
import { heldSignUp, type SignUp } from '../../core/flow/sign-up.ts';
import { type Newcomer, newcomerOf } from '../../core/sources/newcomer.ts';
import { type Claim, defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { foldName } from '../../core/people/user.ts';
import { changesOf, withNewcomer, type Written } from './changes.ts';
import { config, type Options } from './options.ts';
import { texts } from './texts.ts';

type Context = StageContext<Options, 'users' | 'vault'>;

/** See README.md beside this file. */
export const userWrite = defineStage({
  type: 'user_write',
  config,
  submission: null,
  uses: ['users', 'vault'],
  claims: ({ create, fields }) => ({
    wants: create === 'never' ? ['identified', 'owner', 'prompted'] : ['prompted'],
    gives: create === 'never' ? [] : ['identified', ...givenAddress(fields)],
    ...(create === 'if_missing' ? { keepsUser: true } : {}),
    ...(create === 'never' ? {} : { admitsNewcomer: true }),
  }),
  texts,
  open: write,
  submit: write,
});

function givenAddress(fields: Options['fields']): readonly Claim[] {
  return Object.hasOwn(fields, 'email') ? ['applicant'] : [];
}

async function write(ctx: Context): Promise<Step> {
  const { create } = ctx.config;
  const newcomer = create === 'never' ? null : newcomerOf(ctx.learned, ctx.subject);
  const isNew = create === 'always' || newcomer !== null;
  const isMeant = !isNew && (ctx.subject?.userId ?? null) !== null;
  if (!isMeant && create === 'never') return NO_USER;
  if (isMeant && (!isOwner(ctx) || ctx.user === null)) return NO_USER;
  const invited = invitedOf(ctx.learned);
  const written = changesOf(ctx.config, ctx.learned, invited, isMeant ? ctx.user : null);
  if (written === null) return UNFIT;
  if (newcomer !== null) return admit(ctx, written, newcomer);
  if (!isMeant) return createUser(ctx, written, invited);
  const { changes, passwordHash } = written;
  const effects = spent(invited);
  if (passwordHash !== null || Object.keys(changes).length > 0) {
    effects.push({ kind: 'write-user', mode: 'update', changes, ...hashed(passwordHash) });
  }
  return { kind: 'pass', learned: forgotten(ctx), effects };
}

async function createUser(ctx: Context, written: Written, invited: Invited | null): Promise<Step> {
  const { changes, passwordHash } = written;
  const { name, email = '' } = changes;
  if (name === undefined) return NAMELESS;
  // The same each time the stage is opened, and another one after every write.
  const id = `${ctx.ports.users.directory ?? ''}/${ctx.ports.vault.name('user', `${ctx.nonce} ${ctx.stageId}`)}`;
  if (ctx.flow.enables) {
    if (email === '') return ADDRESSLESS;
    const user = { ...changes, name, email };
    return holdUser(ctx, { id, changes: user, passwordHash, invitation: invited });
  }
  const creation: Effect = { kind: 'write-user', mode: 'create', id, changes };
  return {
    kind: 'pass',
    identified: { login: name, userId: id },
    learned: forgotten(ctx),
    effects: [...spent(invited), { ...creation, ...hashed(passwordHash) }],
  };
}

/** Creates the user of an account at a source, who is identified and verified already. */
async function admit(
  ctx: Context,
  { changes: given, passwordHash }: Written,
  newcomer: Newcomer,
): Promise<Step> {
  const { userId: id, issuer, subject, source } = newcomer;
  const changes = withNewcomer(given, newcomer);
  const { name, email = '' } = changes;
  if (name === undefined) return NAMELESS;
  const account = { issuer, subject, source };
  if (ctx.flow.enables) {
    if (email === '') return ADDRESSLESS;
    const user = { ...changes, name, email };
    const held = { id, changes: user, passwordHash, invitation: null, account };
    const { identified: _identified, ...step } = await holdUser(ctx, held);
    return step;
  }
  const creation: Effect = { kind: 'write-user', mode: 'create', id, changes, account };
  return {
    kind: 'pass',
    learned: forgotten(ctx),
    effects: [{ ...creation, ...hashed(passwordHash) }],
  };
}

/**
 * Remembers the user to create. A name that could not be used is refused now, before an email is
 * sent. A taken address is not: only its owner learns of that, by the email.
 */
async function holdUser(
  ctx: Context,
  { invitation, ...rest }: Omit<SignUp, 'invitation'> & { readonly invitation: Invited | null },
): Promise<Extract<Step, { kind: 'pass' }>> {
  const { id, changes } = rest;
  if (foldName(changes.name) !== foldName(changes.email)) {
    await ctx.ports.users.check({ name: changes.name }, null);
  }
  const spending = invitation === null ? null : { id: invitation.id, isFirst: invitation.isFirst };
  return {
    kind: 'pass',
    identified: { login: changes.email, userId: id },
    learned: { ...forgotten(ctx), ...heldSignUp({ ...rest, invitation: spending }) },
  };
}

function spent(invited: Invited | null): Effect[] {
  return invited === null
    ? []
    : [{ kind: 'spend-invitation', id: invited.id, isFirst: invited.isFirst }];
}

function hashed(passwordHash: string | null): { readonly passwordHash?: string } {
  return passwordHash === null ? {} : { passwordHash };
}

/** Remember what was used: the plan must not retain a written password hash or a used invitation. */
function forgotten(ctx: Context): Record<string, null> {
  const { password } = ctx.config.fields;
  return {
    [INVITED_KEY]: null,
    ...(password === undefined ? {} : { [promptKey(password)]: null }),
  };
}

const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
const NO_USER = stop('user/unproved', { key: 'user_write.unproved' });
const UNFIT = stop('user/unfit', { key: 'user_write.unfit' });
const NAMELESS = stop('user/name', { key: 'user_write.nameless' });
const ADDRESSLESS = stop('email/none', { key: 'user_write.addressless' });
