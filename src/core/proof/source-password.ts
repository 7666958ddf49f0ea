/** The password that links an account at a source to the user with the same address. */
import type { Challenge } from '../flow/challenge.ts';
import { MAX_PASSWORD_BYTES } from '../people/password.ts';
import type { User } from '../people/user.ts';
import { type ConfiguredSource, titleOf } from '../sources/source-rule.ts';
import { provePassword, rejectedProof } from './password-proof.ts';
import {
  type Pending,
  pendingOf,
  pendingWith,
  type SourceContext,
  type SourceStep,
  WORDS,
} from './source-step.ts';

/** An account whose user must enter the password before it is linked. */
interface Awaited {
  readonly pending: Pending;
  readonly user: User;
  readonly challenge: Challenge;
}

async function awaited(ctx: SourceContext): Promise<Awaited | null> {
  const pending = pendingOf(ctx.learned);
  const userId = pending?.userId ?? null;
  if (pending === null || userId === null) return null;
  const configured = ctx.ports.sources.find(pending.source);
  const user = await ctx.ports.directories.read(userId);
  if (configured === null || user === null) return null;
  return { pending, user, challenge: passwordChallenge(user, configured) };
}

/** The page that asks for the password before an account is linked; null if none is awaited. */
export async function linkChallenge(ctx: SourceContext): Promise<Challenge | null> {
  return (await awaited(ctx))?.challenge ?? null;
}

/** Links the awaited account to the user who proves to be its owner by this password; null without one. */
export async function linkByPassword(
  ctx: SourceContext,
  password: string,
): Promise<SourceStep | null> {
  const found = await awaited(ctx);
  if (found === null) return null;
  const { pending, user, challenge } = found;
  const subject = { login: user.name, userId: user.id };
  const proof = await provePassword(ctx, { subject, user }, password);
  if (proof.result !== 'right') {
    return { kind: 'ask', challenge, ...rejectedProof('password', proof, WORDS) };
  }
  const { issuer, subject: id, source, changes } = pending;
  const about = { userId: user.id, source, account: { issuer, subject: id } };
  return {
    kind: 'again',
    identified: subject,
    proved: 'password',
    learned: pendingWith({ ...pending, userId: null }),
    effects: [
      { kind: 'link-source', ...about },
      { kind: 'use-source', ...about, changes },
    ],
  };
}

/** The page that asks for it. */
export function passwordChallenge(user: User, configured: ConfiguredSource): Challenge {
  return {
    type: 'source-link',
    title: { key: 'flow.source.link.title' },
    lead: { key: 'flow.source.link.lead', values: { source: titleOf(configured) } },
    fields: [
      { kind: 'username', value: user.name },
      {
        kind: 'password',
        name: 'password',
        label: { key: 'flow.source.link.password' },
        autocomplete: 'current-password',
        required: true,
        maxLength: MAX_PASSWORD_BYTES,
      },
    ],
    submit: { key: 'flow.source.link.submit' },
    restart: { key: 'flow.source.link.restart' },
  };
}
