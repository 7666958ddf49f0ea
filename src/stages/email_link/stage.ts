/**
 * Sends a link to the identified user's email address, with a code for users who cannot open the
 * link in this browser. Opening the link changes nothing; the button on its page works once.
 * Unknown usernames see the same page. With `enables`, it also creates the account that user_write
 * has prepared.
 */
import { z } from 'zod';
import { linkKey, linkOf } from '../../core/flow/link.ts';
import { afterMail, mailTarget } from '../../core/flow/mail-target.ts';
import { mailedCode, mayMailAgain } from '../../core/proof/mailed-code.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import { defineStage, type Step } from '../../core/flow/stage.ts';
import { ask, MAX_CODE, NO_ADDRESS, NO_USER, WORDS } from './challenge.ts';
import { type Context, config, keyOf, order, take } from './email.ts';
import { texts } from './texts.ts';

/** See README.md beside this file. */
export const emailLink = defineStage({
  type: 'email_link',
  config,
  submission: {
    shape: z.strictObject({
      link: z.string().max(86).optional(),
      code: z.string().max(MAX_CODE).optional(),
      instead: z.enum(['again']).optional(),
    }),
  },
  uses: ['accounts', 'directories', 'marks', 'random', 'vault'],
  claims: ({ enables }) => ({
    wants: enables ? ['identified', 'applicant'] : ['identified'],
    gives: ['verified'],
  }),
  redeemsLinks: true,
  needs: { mailer: () => true },
  enables: ({ enables }) => enables,
  texts,
  async open(ctx): Promise<Step> {
    const { subject } = ctx;
    if (subject === null) return NO_USER;
    // Also true for links created by an operator.
    if (linkOf(ctx, ctx.stageId) !== null) return ask(ctx, subject);
    if (isOwner(ctx) && (await mailTarget(ctx)) === '') return NO_ADDRESS;
    return { ...ask(ctx, subject), ...(await order(ctx, null)) };
  },
  async submit(ctx, given): Promise<Step> {
    const { subject } = ctx;
    if (subject === null) return NO_USER;
    if (given.instead === 'again') return again(ctx);
    const proof = await ctx.prove('email_link', subject, async () =>
      (await take(ctx, given)) ? 'right' : 'wrong',
    );
    if (proof.result !== 'right') {
      return { ...ask(ctx, subject), ...rejectedProof('email_link', proof, WORDS) };
    }
    // A link created by an operator proves nothing about the email address.
    const sentTo = mailedCode(ctx.learned[keyOf(ctx)])?.to ?? null;
    const { learned, effects } = afterMail(ctx, sentTo);
    const used = { ...learned, [keyOf(ctx)]: null, [linkKey(ctx.stageId)]: null };
    return { kind: 'pass', proved: 'email_link', learned: used, effects };
  },
});

async function again(ctx: Context): Promise<Step> {
  if (ctx.subject === null) return NO_USER;
  const kept = mailedCode(ctx.learned[keyOf(ctx)]);
  if (mayMailAgain(kept, ctx.now)) return { ...ask(ctx, ctx.subject), ...(await order(ctx, kept)) };
  const reason = { code: 'answer/invalid' };
  return { ...ask(ctx, ctx.subject), reason, rejection: { key: 'email_link.patience' } };
}
