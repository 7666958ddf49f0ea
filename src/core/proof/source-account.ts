/**
 * Which user an account at a source belongs to. No account is linked to a user by what a provider merely
 * claims, nor to a user whom more protects than the provider vouches for.
 */
import { isOwner } from '../flow/owner.ts';
import type { User } from '../people/user.ts';
import { heldNewcomer, valuesOf } from '../sources/newcomer.ts';
import { newUserOf, verifiedEmail } from '../sources/profile.ts';
import { groupsAfter, showsFactor } from '../sources/source-groups.ts';
import type { ConfiguredSource } from '../sources/source-rule.ts';
import { keptOf } from '../sources/source-session.ts';
import type { SourceProfile } from '../sources/source.ts';
import { passwordChallenge } from './source-password.ts';
import {
  type Pending,
  pendingWith,
  proveVouched,
  refuse,
  type SourceContext,
  type SourceStep,
  uniqueLogin,
} from './source-step.ts';

/** Whose account it is. */
export async function resolve(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
): Promise<SourceStep> {
  const { rule, source } = configured;
  const against = await ctx.admit(rule, profile);
  if (against.length > 0) {
    const reasons = against.map(({ code }) => code);
    return refuse(ctx, configured, profile, { code: 'source/not-admitted', reasons });
  }
  const link = await ctx.ports.links.sourceLink(profile);
  const linked = link === null ? null : await ctx.ports.directories.read(link.userId);
  const meant = ctx.subject?.userId ?? null;
  if (linked !== null) {
    if (linked.disabled) return refuse(ctx, configured, profile, { code: 'source/disabled' });
    const isOther = ctx.subject !== null && meant !== linked.id;
    if (isOther) return refuse(ctx, configured, profile, { code: 'source/other-user' });
    // It cannot say whether the user is still there, which is all that a signed-in user could prove.
    if (ctx.session?.userId === linked.id && !source.provesAge) {
      return refuse(ctx, configured, profile, { code: 'source/age-unknown' });
    }
    return use(ctx, configured, profile, linked);
  }
  if (isOwner(ctx) && ctx.user !== null) return linkToOwner(ctx, configured, profile, ctx.user);
  if (ctx.subject !== null) return refuse(ctx, configured, profile, { code: 'source/not-linked' });
  return byEmail(ctx, configured, profile);
}

/** An account without a user: perhaps that of a user with the same address. */
async function byEmail(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
): Promise<SourceStep> {
  const { rule } = configured;
  const email = rule.link === 'subject' ? null : verifiedEmail(profile);
  const user = email === null ? null : await ctx.ports.directories.find(email, ['email']);
  if (user === null) return stranger(ctx, configured, profile);
  if (user.disabled) return refuse(ctx, configured, profile, { code: 'source/disabled' });
  switch (rule.link === 'trusted_email' ? 'none' : await neededProof(ctx, user)) {
    case 'none':
      return use(ctx, configured, profile, user);
    case 'other':
      return refuse(ctx, configured, profile, { code: 'source/link-first' });
    case 'password':
      return {
        kind: 'ask',
        challenge: passwordChallenge(user, configured),
        learned: pendingWith({
          ...vouched(ctx, configured, profile, user).pending,
          userId: user.id,
        }),
      };
  }
}

/**
 * What the user of an address must prove before an account with the same address is linked. Otherwise
 * control of the address at the provider would be enough for an account that more protects.
 */
async function neededProof(
  { ports: { accounts, directories, links } }: SourceContext,
  { id }: User,
): Promise<'none' | 'password' | 'other'> {
  if ((await directories.hasPassword?.(id)) !== false) return 'password';
  const owned = [...(await accounts.authenticators(id)), ...(await links.sourceLinks(id))];
  return owned.length === 0 ? 'none' : 'other';
}

/** An account that belongs to no user. */
async function stranger(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
): Promise<SourceStep> {
  const { unknown } = configured.rule;
  const { directory } = ctx.ports.users;
  if (directory !== null && unknown.kind !== 'refuse') {
    const id = `${directory}/${ctx.ports.random.token(16)}`;
    if (unknown.kind === 'flow') return enroll(ctx, configured, profile, { ...unknown, id });
    const user = newUserOf(profile);
    if (user !== null) return create(ctx, configured, profile, { ...user, id });
  }
  return refuse(ctx, configured, profile, { code: 'source/not-linked' });
}

/** Creates its user. */
function create(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
  { id, ...user }: NonNullable<ReturnType<typeof newUserOf>> & { readonly id: string },
): SourceStep {
  const { learned, effect } = vouched(ctx, configured, profile, null);
  const { source, account, changes } = effect;
  const creation = {
    kind: 'write-user',
    mode: 'create',
    id,
    changes: { ...user, ...changes },
    account: { ...account, source },
  } as const;
  return { kind: 'again', learned, effects: [creation] };
}

/** Leads its owner into the flow that creates the user. */
async function enroll(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
  { flow, id }: { readonly flow: string; readonly id: string },
): Promise<SourceStep> {
  const email = verifiedEmail(profile);
  // Its owner, as the provider says, who would otherwise fill in a form that must fail.
  if (email !== null && (await ctx.ports.directories.find(email, ['email'])) !== null) {
    return refuse(ctx, configured, profile, { code: 'source/link-first' });
  }
  const { pending, effect } = vouched(ctx, configured, profile, null);
  const { source, account, changes } = effect;
  const subject = { login: uniqueLogin(source, profile), userId: id };
  const proof = await proveVouched(ctx, subject, { ...pending, isNew: true });
  if (proof.kind === 'rejected') return proof;
  const newcomer = { ...account, source, userId: id, email, groups: changes.groups ?? [] };
  return {
    kind: 'enter',
    flow,
    identified: subject,
    proved: proof.proved,
    learned: heldNewcomer({ ...newcomer, values: valuesOf(profile) }, pending.kept),
  };
}

/** The linked user, or one whose address suffices. */
function use(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
  user: User,
): SourceStep {
  const { learned, effect } = vouched(ctx, configured, profile, user);
  return { kind: 'again', learned, effects: [{ ...effect, userId: user.id }] };
}

/** The account of the user who runs the flow and has proved it. */
function linkToOwner(
  ctx: SourceContext,
  configured: ConfiguredSource,
  profile: SourceProfile,
  user: User,
): SourceStep {
  const { learned, effect } = vouched(ctx, configured, profile, user);
  const { source, account } = effect;
  const link = { kind: 'link-source', userId: user.id, source, account } as const;
  return { kind: 'again', learned, effects: [link, { ...effect, userId: user.id }] };
}

/** What an account that its provider vouched for leads to. */
function vouched(
  { now }: Pick<SourceContext, 'now'>,
  { rule }: ConfiguredSource,
  profile: SourceProfile,
  user: User | null,
) {
  const { issuer, subject, claims } = profile;
  const account = { issuer, subject };
  const source = rule.name;
  const groups =
    rule.groups === null ? null : groupsAfter(rule.groups, profile, user?.groups ?? []);
  const changes: Pending['changes'] = groups === null ? {} : { groups };
  const isFactor = showsFactor(rule.secondFactor, claims);
  const kept = keptOf(rule, profile, now);
  const pending = { ...account, source, userId: null, changes, isFactor, kept };
  const effect = { kind: 'use-source', source, account, changes } as const;
  return { pending, learned: pendingWith(pending), effect };
}
