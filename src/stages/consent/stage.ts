/**
 * Asks the user whether an app may have the listed permissions and stores consent by user, route
 * and permission. Refusing ends the run and stores nothing.
 */
import { z } from 'zod';
import { words } from '../../schema/words.ts';
import { duration } from '../../schema/duration.ts';
import { permissionName } from '../../schema/names.ts';
import type { Consent } from '../../core/people/account.ts';
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

const config = z
  .strictObject({
    mode: z
      .enum(['always', 'once', 'expires'])
      .prefault('once')
      .describe('Asks every time, once for good, or again after `expires`.'),
    expires: duration().optional().describe('How long consent counts, with mode: expires.'),
    permissions: z
      .record(permissionName, words(200))
      .refine((all) => Object.keys(all).length <= 32, 'names at most 32')
      .prefault({})
      .describe(
        'What the app receives: a name, and a line that explains it to users, one for all languages or one for each.',
      ),
  })
  .refine((options) => (options.mode === 'expires') === (options.expires !== undefined), {
    path: ['expires'],
    message: 'expires goes with mode: expires, and with nothing else',
  });
type Context = StageContext<z.infer<typeof config>, 'accounts'>;

/** See README.md beside this file. */
export const consent = defineStage({
  type: 'consent',
  config,
  submission: {
    shape: z.strictObject({ decision: z.enum(['allow', 'deny']).optional() }),
    asks: () => 'sometimes',
  },
  uses: ['accounts'],
  claims: () => ({ wants: ['identified', 'owner'], gives: [] }),
  assures: {
    permissions: ({ mode, permissions }) => (mode === 'always' ? null : Object.keys(permissions)),
  },
  texts,
  async open(ctx): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    // Without an app there is nothing to consent to.
    if (ctx.app === null) return { kind: 'pass' };
    const given = await ctx.ports.accounts.consent(ctx.subject.userId, ctx.app.id);
    const isGiven = ctx.config.mode !== 'always' && covers(ctx, given);
    return isGiven ? { kind: 'pass' } : { kind: 'ask', challenge: challenge(ctx, ctx.app.title) };
  },
  async submit(ctx, { decision }): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    if (ctx.app === null) return { kind: 'pass' };
    if (decision === 'deny') return DENIED;
    if (ctx.config.mode === 'always') return { kind: 'pass' };
    const { userId } = ctx.subject;
    const route = ctx.app.id;
    const before = await ctx.ports.accounts.consent(userId, route);
    const expiresAt = ctx.config.expires === undefined ? null : ctx.now + ctx.config.expires;
    const permissions = [...new Set([...kept(before, expiresAt), ...wanted(ctx)])];
    const given: Consent = { userId, route, permissions, at: ctx.now, expiresAt };
    return { kind: 'pass', effects: [{ kind: 'save-consent', consent: given }] };
  },
});

const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
/** The linker prevents this. If it happens anyway, no consent is given on another user's behalf. */
const NOT_OWNER = stop('user/unproved', { key: 'consent.unproved' });
const DENIED = stop('consent/denied', { key: 'consent.denied' });

function wanted(ctx: Pick<Context, 'config'>): readonly string[] {
  return Object.keys(ctx.config.permissions);
}

/**
 * Whether the stored consent covers all requested permissions and is recent enough for these
 * options.
 */
function covers(ctx: Pick<Context, 'config' | 'now'>, given: Consent | null): boolean {
  if (given === null) return false;
  const { expires } = ctx.config;
  const isYoung = expires === undefined || ctx.now < given.at + expires;
  return isYoung && wanted(ctx).every((one) => given.permissions.includes(one));
}

/**
 * Returns the permissions of an earlier consent to keep: none if the new expiry would extend them.
 */
function kept(before: Consent | null, expiresAt: number | null): readonly string[] {
  if (before === null) return [];
  const until = before.expiresAt ?? Infinity;
  return until >= (expiresAt ?? Infinity) ? before.permissions : [];
}

function challenge(ctx: Pick<Context, 'config'>, app: string): Challenge {
  const lines = Object.values(ctx.config.permissions);
  return {
    type: 'consent',
    title: { key: 'consent.title', values: { app } },
    lead: { key: lines.length === 0 ? 'consent.lead.none' : 'consent.lead', values: { app } },
    fields: [
      ...lines.map((text) => ({ kind: 'text-block' as const, text: { literal: text } })),
      {
        kind: 'choice',
        name: 'decision',
        label: { key: 'consent.instead' },
        options: [{ value: 'deny', label: { key: 'consent.deny' } }],
        required: false,
      },
    ],
    submit: { key: 'consent.allow' },
  };
}
