/**
 * Sets up codes by email. Sends a code to the user's address or to one the user types, and accepts
 * the address once the code is entered. Nothing is sent before the user requests it.
 */
import { z } from 'zod';
import { type Authenticator, MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { isAddress, languageOf, MAX_ADDRESS } from '../../core/flow/mail.ts';
import { verifiedEmail } from '../../core/flow/mail-target.ts';
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
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

/** Maximum length of a typed code, including spaces. */
const MAX_CODE = 32;
/** Maximum length of an authenticator's name, in characters. */
const MAX_NAME = 64;

const config = z.strictObject({
  address: z
    .enum(['own', 'any'])
    .prefault('any')
    .describe('own: only the address in the directory. any: also an address that the user types.'),
});
type Context = StageContext<z.infer<typeof config>, 'accounts' | 'marks' | 'random' | 'vault'>;

/** See README.md beside this file. */
export const emailCodeSetup = defineStage({
  type: 'email_code_setup',
  config,
  submission: {
    shape: z.strictObject({
      email: z.string().max(MAX_ADDRESS).optional(),
      code: z.string().max(MAX_CODE).optional(),
      instead: z.enum(['again', 'other']).optional(),
    }),
  },
  uses: ['accounts', 'marks', 'random', 'vault'],
  claims: () => ({ wants: ['identified', 'owner'], gives: [], mayProve: true }),
  setsUp: true,
  needs: { mailer: () => true },
  texts,
  async open(ctx): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    const { userId } = ctx.subject;
    const { length } = await ctx.ports.accounts.authenticators(userId, 'email_code');
    if (length >= MOST_AUTHENTICATORS) return TOO_MANY;
    const own = ctx.user?.email ?? '';
    if (ctx.config.address === 'own' && own === '') return NO_ADDRESS;
    const kept = keptOf(ctx);
    const isRequested = wasRequested(ctx);
    return {
      kind: 'ask',
      challenge: isRequested && kept !== null ? askCode(ctx, kept) : askAddress(ctx),
    };
  },
  submit(ctx, given): Promise<Step> {
    if (!isOwner(ctx)) return Promise.resolve(NOT_OWNER);
    const kept = keptOf(ctx);
    if (kept === null || !wasRequested(ctx)) {
      const email = ctx.config.address === 'own' ? (ctx.user?.email ?? '') : (given.email ?? '');
      return Promise.resolve(send(ctx, email.trim(), kept));
    }
    if (given.instead === 'other') {
      const learned = { [requestedKey(ctx)]: false };
      return Promise.resolve({ kind: 'ask', challenge: askAddress(ctx), learned });
    }
    if (given.instead === 'again') return Promise.resolve(send(ctx, kept.to, kept));
    return confirm(ctx, ctx.subject, kept, given.code ?? '');
  },
});

const WORDS = {
  wrong: { key: 'email_code_setup.wrong' },
  busy: { key: 'email_code_setup.busy' },
  throttled: { key: 'email_code_setup.throttled' },
};
const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
/** The linker prevents this. If it happens anyway, nothing is set up. */
const NOT_OWNER = stop('user/unproved', { key: 'email_code_setup.unproved' });
const TOO_MANY = stop('authenticator/too-many', { key: 'email_code_setup.too-many' });
const NO_ADDRESS = stop('email/none', { key: 'email_code_setup.none' });

const keyOf = (ctx: Pick<Context, 'stageId'>): string => `email_code_setup:${ctx.stageId}`;
const requestedKey = (ctx: Pick<Context, 'stageId'>): string => `${keyOf(ctx)}:asked`;
const wasRequested = (ctx: Pick<Context, 'stageId' | 'learned'>): boolean =>
  ctx.learned[requestedKey(ctx)] === true;
const keptOf = (ctx: Pick<Context, 'stageId' | 'learned'>): MailedCode | null =>
  mailedCode(ctx.learned[keyOf(ctx)]);

/** Sends a code, or asks the user to wait if one was sent a moment ago. */
function send(ctx: Context, email: string, before: MailedCode | null): Step {
  if (!isAddress(email)) {
    return rejected(askAddress(ctx, email), { key: 'email_code_setup.email.bad' });
  }
  if (!mayMailAgain(before, ctx.now)) {
    const again =
      wasRequested(ctx) && before !== null ? askCode(ctx, before) : askAddress(ctx, email);
    return rejected(again, { key: 'email_code_setup.patience' });
  }
  const about = { planId: ctx.planId, to: email, now: ctx.now, site: ctx.site.name, before };
  const { kept, email: sent } = mailCode(ctx.ports, { ...about, language: languageOf(ctx.facts) });
  return {
    kind: 'ask',
    challenge: askCode(ctx, kept),
    learned: { [keyOf(ctx)]: { ...kept }, [requestedKey(ctx)]: true },
    effects: [{ kind: 'send-mail', email: sent }],
  };
}

async function confirm(
  ctx: Context,
  subject: { readonly login: string; readonly userId: string },
  kept: MailedCode,
  typed: string,
): Promise<Step> {
  const proof = await ctx.prove('email_code', subject, async () => {
    const isRight = await takeMailedCode(ctx.ports, kept, {
      planId: ctx.planId,
      typed: typedCode(typed),
      now: ctx.now,
    });
    return isRight ? 'right' : 'wrong';
  });
  if (proof.result !== 'right') {
    const words = rejectedProof('email_code', proof, WORDS);
    return { kind: 'ask', challenge: askCode(ctx, kept), ...words };
  }
  const { userId } = subject;
  const known = await ctx.ports.accounts.authenticators(userId, 'email_code');
  const learned = { [keyOf(ctx)]: null, [requestedKey(ctx)]: null };
  // An address that is already set up is confirmed again but not added twice.
  const verified = verifiedEmail(ctx, kept.to);
  if (known.some((one) => one.data['email'] === kept.to)) {
    return { kind: 'pass', proved: 'email_code', learned, effects: verified };
  }
  const authenticator: Authenticator = {
    id: ctx.ports.random.token(16),
    userId,
    kind: 'email_code',
    name: kept.to.slice(0, MAX_NAME),
    createdAt: ctx.now,
    lastUsedAt: ctx.now,
    handle: '',
    data: { email: kept.to },
  };
  const effects = [{ kind: 'add-authenticator' as const, authenticator }, ...verified];
  return { kind: 'pass', proved: 'email_code', learned, effects };
}

function rejected(again: Challenge, rejection: Message): Step {
  return { kind: 'ask', challenge: again, reason: { code: 'answer/invalid' }, rejection };
}

function askAddress(ctx: Context, typed?: string): Challenge {
  const own = ctx.user?.email ?? '';
  return {
    type: 'email_code_setup',
    title: { key: 'email_code_setup.title' },
    lead: { key: 'email_code_setup.lead' },
    fields:
      ctx.config.address === 'own'
        ? [{ kind: 'text-block', text: { literal: own } }]
        : [
            {
              kind: 'email',
              name: 'email',
              label: { key: 'email_code_setup.email' },
              value: (typed ?? own).slice(0, MAX_ADDRESS),
              autocomplete: 'email',
              required: true,
              maxLength: MAX_ADDRESS,
            },
          ],
    submit: { key: 'email_code_setup.send' },
  };
}

function askCode(ctx: Context, kept: MailedCode): Challenge {
  const choices = ctx.config.address === 'own' ? ['again'] : ['again', 'other'];
  return {
    type: 'email_code_setup',
    title: { key: 'email_code_setup.title' },
    lead: { key: 'email_code_setup.sent', values: { to: kept.to } },
    fields: [
      {
        kind: 'code',
        name: 'code',
        label: { key: 'email_code_setup.code' },
        autocomplete: 'one-time-code',
        required: true,
        maxLength: MAX_CODE,
      },
      {
        kind: 'choice',
        name: 'instead',
        label: { key: 'email_code_setup.instead' },
        options: choices.map((value) => ({ value, label: { key: `email_code_setup.${value}` } })),
        required: false,
      },
    ],
    submit: { key: 'email_code_setup.confirm' },
  };
}
