/** The email with link and code: made, remembered by one-way names alone, and taken once. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Json } from '../../core/values/json.ts';
import { linkKey, linkName, linkOf, linkUrl } from '../../core/flow/link.ts';
import { languageOf } from '../../core/flow/mail.ts';
import { mailTarget } from '../../core/flow/mail-target.ts';
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

export const config = z.strictObject({
  expires: duration({ least: SHORTEST, most: LONGEST })
    .prefault('15m')
    .describe('How long link and code are valid: 1m to 30m, and never longer than the run.'),
  other_browser: z
    .boolean()
    .prefault(false)
    .describe('Lets the link work in a different browser than the one that requested it.'),
});
export type Context = StageContext<
  z.infer<typeof config>,
  'accounts' | 'directories' | 'marks' | 'random' | 'vault'
>;

/** Where in `learned` the code is kept. */
export function keyOf(ctx: Pick<Context, 'stageId'>): string {
  return `email_link:${ctx.stageId}`;
}

/** An email, and what is to be remembered of it. For nobody as well: it costs the same and goes nowhere. */
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
    effects: [{ kind: 'send-mail', email: mailed }],
  };
}

/** Whether the link, or the code in its place, is right; true once for both. Inside `ctx.prove` only. */
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
  // Also for a name nobody has: the same work, the same no. An address that changed is no proof.
  const target = kept === null ? null : await mailTarget(ctx);
  return isRight && isOpen(ctx) && (kept === null || kept.to === target);
}

async function takeLink(ctx: Context, kept: MailedCode | null, token: string): Promise<boolean> {
  const { marks, vault } = ctx.ports;
  const name = linkName(vault, ctx.planId, token);
  // Names are keyed: nothing can be learned from how long comparing them takes.
  if (name !== linkOf(ctx, ctx.stageId)?.name) return false;
  if (kept !== null && ctx.now >= kept.endsAt) return false;
  // The mark of the code, where there is one: whoever used one has used both.
  const mark = kept === null ? `link:${name}` : `mailed-code:${kept.salt}`;
  return marks.take(mark, kept?.endsAt ?? ctx.expiresAt);
}

function isOpen({ user, subject }: Pick<Context, 'user' | 'subject'>): boolean {
  return user !== null && user.id === subject?.userId && !user.disabled;
}
