/**
 * Creates the email with link and code, stores only one-way names of them, and accepts them once.
 */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Json } from '../../core/values/json.ts';
import { linkKey, linkName, linkOf, linkUrl } from '../../core/flow/link.ts';
import { languageOf } from '../../core/flow/mail.ts';
import { applicantOf, mailedTo, mailTarget } from '../../core/flow/mail-target.ts';
import {
  type MailedCode,
  mailCode,
  mailedCode,
  takeMailedCode,
  typedCode,
} from '../../core/proof/mailed-code.ts';
import type { StageContext } from '../../core/flow/stage.ts';

const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

const options = z.strictObject({
  expires: duration({ least: SHORTEST, most: LONGEST })
    .prefault('15m')
    .describe('How long link and code are valid: 1m to 30m, and never longer than the run.'),
  other_browser: z
    .boolean()
    .prefault(false)
    .describe('Lets the link work in a different browser than the one that requested it.'),
  enables: z
    .boolean()
    .prefault(false)
    .describe(
      'Creates the user of an earlier user_write once the address is verified, and not before.',
    ),
});
export const config = options.refine((given) => !given.enables || !given.other_browser, {
  path: ['other_browser'],
  message:
    'not with enables: a user who opens the link of a stranger would open an account whose password the stranger chose',
});
export type Context = StageContext<
  z.infer<typeof config>,
  'accounts' | 'directories' | 'marks' | 'random' | 'vault'
>;

/** The key of the code in `learned`. */
export function keyOf(ctx: Pick<Context, 'stageId'>): string {
  return `email_link:${ctx.stageId}`;
}

/**
 * Returns the email and the values to store. For unknown users it does the same work, but nothing
 * is sent.
 */
export async function order(
  ctx: Context,
  before: MailedCode | null,
): Promise<{
  readonly learned: Readonly<Record<string, Json>>;
  readonly effects: readonly Effect[];
}> {
  const { planId, ports, site } = ctx;
  const language = languageOf(ctx.facts);
  const to = await mailTarget(ctx);
  const lasts = Math.min(ctx.config.expires, ctx.expiresAt - ctx.now);
  const about = { planId, to, now: ctx.now, site: site.name, language, before, lasts };
  const { kept, email } = mailCode(ports, about);
  const token = ports.random.token(16);
  const record = {
    name: linkName(ports.vault, planId, token),
    otherBrowser: ctx.config.other_browser,
  };
  const link = linkUrl(site.origin, ctx.flow.name, planId, token);
  const mailed = { ...email, template: 'email-link', values: { ...email.values, link } };
  return {
    learned: { [keyOf(ctx)]: { ...kept }, [linkKey(ctx.stageId)]: record },
    effects: [{ kind: 'send-mail', email: await mailedTo(ctx, mailed, site.name) }],
  };
}

/**
 * Whether the submitted link or code is right. True once for both together. Call only inside
 * `ctx.prove`.
 */
export async function take(
  ctx: Context,
  given: { readonly link?: string | undefined; readonly code?: string | undefined },
): Promise<boolean> {
  const kept = mailedCode(ctx.learned[keyOf(ctx)]);
  const isRight =
    given.link === undefined
      ? await takeMailedCode(ctx.ports, kept, {
          planId: ctx.planId,
          typed: typedCode(given.code ?? ''),
          now: ctx.now,
        })
      : await takeLink(ctx, kept, given.link);
  // Unknown users do the same work and get the same result. If the address has changed since, the
  // link proves nothing.
  const target = kept === null ? null : await mailTarget(ctx);
  return isRight && isOpen(ctx) && (kept === null || kept.to === target);
}

async function takeLink(ctx: Context, kept: MailedCode | null, token: string): Promise<boolean> {
  const { marks, vault } = ctx.ports;
  const name = linkName(vault, ctx.planId, token);
  // Names are keyed, so the timing of this comparison reveals nothing.
  if (name !== linkOf(ctx, ctx.stageId)?.name) return false;
  if (kept !== null && ctx.now >= kept.endsAt) return false;
  // Link and code share one mark, so using one of them uses up both.
  const mark = kept === null ? `link:${name}` : `mailed-code:${kept.salt}`;
  return marks.take(mark, kept?.endsAt ?? ctx.expiresAt);
}

/** A new account is open: no directory knows its user yet. */
function isOpen(ctx: Context): boolean {
  const { user, subject } = ctx;
  if (applicantOf(ctx) !== null) return true;
  return user !== null && user.id === subject?.userId && !user.disabled;
}
