/**
 * Sends a code to the identified user's email address and asks for it. Unknown usernames, disabled
 * accounts and accounts without an address see the same page, but no email is sent. With `enables`,
 * the code also creates the account that user_write has prepared.
 */
import { z } from 'zod';
import type { Challenge } from '../../core/flow/challenge.ts';
import { languageOf } from '../../core/flow/mail.ts';
import { afterMail, applicantOf, mailedTo, mailTarget } from '../../core/flow/mail-target.ts';
import {
  type MailedCode,
  mailCode,
  mailedCode,
  mayMailAgain,
  takeMailedCode,
  typedCode,
} from '../../core/proof/mailed-code.ts';
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import type { Subject } from '../../core/people/subject.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { ENABLES, EXPIRES, lasting } from './options.ts';
import { texts } from './texts.ts';

/** Maximum length of a typed code, including spaces. */
const MAX_CODE = 32;

const config = z.strictObject({ expires: EXPIRES, enables: ENABLES });
type Context = StageContext<
  z.infer<typeof config>,
  'accounts' | 'directories' | 'marks' | 'random' | 'vault'
>;

/** See README.md beside this file. */
export const emailCode = defineStage({
  type: 'email_code',
  config,
  submission: {
    shape: z.strictObject({
      code: z.string().max(MAX_CODE).optional(),
      instead: z.enum(['again']).optional(),
    }),
  },
  uses: ['accounts', 'directories', 'marks', 'random', 'vault'],
  claims: ({ enables }) => ({
    wants: enables ? ['identified', 'applicant'] : ['identified'],
    gives: ['verified'],
  }),
  needs: { mailer: () => true },
  enables: ({ enables }) => enables,
  texts,
  async open(ctx): Promise<Step> {
    const { subject } = ctx;
    if (subject === null) return NO_USER;
    if (isOwner(ctx) && (await mailTarget(ctx)) === '') return NO_ADDRESS;
    return keptOf(ctx) === null ? send(ctx, subject, null) : ask(ctx, subject);
  },
  async submit(ctx, given): Promise<Step> {
    const { subject } = ctx;
    if (subject === null) return NO_USER;
    const kept = keptOf(ctx);
    if (given.instead === 'again') {
      if (mayMailAgain(kept, ctx.now)) return send(ctx, subject, kept);
      const reason = { code: 'answer/invalid' };
      return { ...ask(ctx, subject), reason, rejection: { key: 'email_code.patience' } };
    }
    const proof = await ctx.prove('email_code', subject, async () => {
      const isRight = await takeMailedCode(ctx.ports, kept, {
        planId: ctx.planId,
        typed: typedCode(given.code ?? ''),
        now: ctx.now,
      });
      // Unknown users do the same work and get the same result. If the address has changed since,
      // the code proves nothing.
      const address = await mailTarget(ctx);
      return isRight && address !== '' && address === kept?.to ? 'right' : 'wrong';
    });
    if (proof.result === 'right') {
      const { learned, effects } = afterMail(ctx, kept?.to ?? null);
      const used = { ...learned, [keyOf(ctx)]: null };
      return { kind: 'pass', proved: 'email_code', learned: used, effects };
    }
    return { ...ask(ctx, subject), ...rejectedProof('email_code', proof, WORDS) };
  },
});

const WORDS = {
  wrong: { key: 'email_code.wrong' },
  busy: { key: 'email_code.busy' },
  throttled: { key: 'email_code.throttled' },
};
const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
/** The linker prevents this. If it happens anyway, access is denied. */
const NO_USER = stop('user/none', { key: 'email_code.nobody' });
const NO_ADDRESS = stop('email/none', { key: 'email_code.none' });

const keyOf = (ctx: Pick<Context, 'stageId'>): string => `email_code:${ctx.stageId}`;
const keptOf = (ctx: Pick<Context, 'stageId' | 'learned'>): MailedCode | null =>
  mailedCode(ctx.learned[keyOf(ctx)]);

/** Queues an email. For unknown users it does the same work, but nothing is sent. */
async function send(ctx: Context, subject: Subject, before: MailedCode | null): Promise<Step> {
  const { kept, email } = mailCode(ctx.ports, {
    planId: ctx.planId,
    to: await mailTarget(ctx),
    now: ctx.now,
    site: ctx.site.name,
    language: languageOf(ctx.facts),
    before,
    lasts: lasting(ctx.config.expires, ctx),
  });
  return {
    ...ask(ctx, subject),
    learned: { [keyOf(ctx)]: { ...kept } },
    effects: [{ kind: 'send-mail', email: await mailedTo(ctx, email, ctx.site.name) }],
  };
}

function ask(
  ctx: Pick<Context, 'config' | 'learned' | 'subject'>,
  { login }: Subject,
): { readonly kind: 'ask'; readonly challenge: Challenge } {
  const address = applicantOf(ctx)?.changes.email ?? null;
  const challenge: Challenge = {
    type: 'email_code',
    title: { key: 'email_code.title' },
    lead:
      address === null
        ? { key: 'email_code.lead' }
        : { key: 'email_code.sign-up', values: { address } },
    fields: [
      // The text above names the address of a new user.
      ...(address === null ? [{ kind: 'username' as const, value: login }] : []),
      {
        kind: 'code',
        name: 'code',
        label: { key: 'email_code.code' },
        autocomplete: 'one-time-code',
        required: true,
        maxLength: MAX_CODE,
      },
      {
        kind: 'choice',
        name: 'instead',
        label: { key: 'email_code.instead' },
        options: [{ value: 'again', label: { key: 'email_code.again' } }],
        required: false,
      },
    ],
    submit: { key: 'email_code.submit' },
    restart: { key: address === null ? 'email_code.restart' : 'email_code.correct' },
  };
  return { kind: 'ask', challenge };
}
