/**
 * Sets up an authenticator app: shows a new secret and stores it once the user enters a correct
 * code. Until then the secret exists only in the sealed plan.
 */
import { z } from 'zod';
import { type Authenticator, MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import { typedCode } from '../../core/proof/mailed-code.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';
import { grouped, keyUri, newSecret, stepOf } from './totp.ts';

/** Length of a secret in bytes: the output length of SHA-1 (RFC 4226 §4). */
const SECRET_BYTES = 20;
/** Maximum length of a typed code, including spaces. */
const MAX_CODE = 32;
/** In seconds; most apps support no other period. */
const PERIOD = 30;

const config = z.strictObject({
  issuer: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^:\p{Cc}]+$/u, 'expected a name without a colon')
    .optional()
    .describe('Name of the account in the app, without a colon. Default: the name of the portal.'),
  digits: z
    .union([z.literal(6), z.literal(8)])
    .prefault(6)
    .describe('Length of the codes.'),
});
type Context = StageContext<z.infer<typeof config>, 'accounts' | 'marks' | 'random'>;

/** See README.md beside this file. */
export const totpSetup = defineStage({
  type: 'totp_setup',
  config,
  submission: { shape: z.strictObject({ code: z.string().max(MAX_CODE) }) },
  uses: ['accounts', 'marks', 'random'],
  claims: () => ({ wants: ['identified', 'owner'], gives: [], mayProve: true }),
  setsUp: true,
  texts,
  async open(ctx): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    const { length } = await ctx.ports.accounts.authenticators(ctx.subject.userId, 'totp');
    if (length >= MOST_AUTHENTICATORS) return TOO_MANY;
    const known = secretOf(ctx);
    if (known !== null) return { kind: 'ask', challenge: await challenge(ctx, known) };
    const secret = await newSecret(ctx.ports.random.token(SECRET_BYTES));
    return {
      kind: 'ask',
      challenge: await challenge(ctx, secret),
      learned: { [keyOf(ctx)]: secret },
    };
  },
  async submit(ctx, given): Promise<Step> {
    const secret = secretOf(ctx);
    if (!isOwner(ctx) || secret === null) return NOT_OWNER;
    const id = ctx.ports.random.token(16);
    const data = { secret, digits: ctx.config.digits, period: PERIOD };
    const proof = await ctx.prove('totp', ctx.subject, async () => {
      const step = await stepOf(data, typedCode(given.code), ctx.now);
      if (step === null) return 'wrong';
      // The code that confirmed the setup cannot be used to sign in afterwards.
      const until = (step + 2) * PERIOD * 1000;
      return (await ctx.ports.marks.take(`totp:${id}:${step}`, until)) ? 'right' : 'wrong';
    });
    if (proof.result !== 'right') {
      const again = await challenge(ctx, secret);
      return { kind: 'ask', challenge: again, ...rejectedProof('totp', proof, WORDS) };
    }
    const authenticator: Authenticator = {
      id,
      userId: ctx.subject.userId,
      kind: 'totp',
      name: 'TOTP',
      createdAt: ctx.now,
      lastUsedAt: ctx.now,
      handle: '',
      data,
    };
    return {
      kind: 'pass',
      proved: 'totp',
      learned: { [keyOf(ctx)]: null },
      effects: [{ kind: 'add-authenticator', authenticator }],
    };
  },
});

const WORDS = {
  wrong: { key: 'totp_setup.wrong' },
  busy: { key: 'totp_setup.busy' },
  throttled: { key: 'totp_setup.throttled' },
};
/** The linker prevents this. If it happens anyway, nothing is set up. */
const NOT_OWNER: Step = {
  kind: 'stop',
  reason: { code: 'user/unproved' },
  text: { key: 'totp_setup.unproved' },
};
const TOO_MANY: Step = {
  kind: 'stop',
  reason: { code: 'authenticator/too-many' },
  text: { key: 'totp_setup.too-many' },
};

function keyOf(ctx: Pick<Context, 'stageId'>): string {
  return `totp_setup:${ctx.stageId}`;
}

function secretOf(ctx: Pick<Context, 'stageId' | 'learned'>): string | null {
  const kept = ctx.learned[keyOf(ctx)];
  return typeof kept === 'string' ? kept : null;
}

async function challenge(ctx: Context, secret: string): Promise<Challenge> {
  const issuer = ctx.config.issuer ?? ctx.site.name;
  const label = ctx.user?.name ?? ctx.subject?.login ?? '';
  const about = { issuer, label, secret, digits: ctx.config.digits, period: PERIOD };
  return {
    type: 'totp_setup',
    title: { key: 'totp_setup.title' },
    lead: { key: 'totp_setup.lead' },
    fields: [
      {
        kind: 'qr',
        text: await keyUri(about),
        label: { key: 'totp_setup.qr' },
        secret: grouped(secret),
      },
      {
        kind: 'code',
        name: 'code',
        label: { key: 'totp_setup.code', values: { digits: ctx.config.digits } },
        autocomplete: 'one-time-code',
        required: true,
        maxLength: MAX_CODE,
      },
    ],
    submit: { key: 'totp_setup.submit' },
  };
}
