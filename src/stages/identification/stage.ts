/**
 * Asks who somebody is, on request with the password on the same page. A name nobody has goes
 * on as if somebody had it; nothing here may tell the two apart.
 */
import { z } from 'zod';
import { provePassword, refusedProof } from '../../core/password-proof.ts';
import { MAX_PASSWORD_BYTES } from '../../core/ports.ts';
import { type Challenge, defineStage, type Field, type Step } from '../../core/stage.ts';
import type { Message } from '../../core/message.ts';
import { texts } from './texts.ts';

/** Longest name or address, in characters (RFC 5321 §4.5.3.1.3 with its erratum 1690). */
const MAX_LOGIN = 254;

const config = z.strictObject({
  by: z
    .array(z.enum(['username', 'email']))
    .min(1)
    .max(2)
    .refine((list) => new Set(list).size === list.length, 'names each way once')
    .prefault(['username', 'email'])
    .describe('What people may sign in by.'),
  with_password: z
    .boolean()
    .prefault(false)
    .describe('Ask the password on the same page; no password stage is needed then.'),
});
type Config = z.infer<typeof config>;

const answer = z.strictObject({
  login: z.string().max(MAX_LOGIN),
  password: z.string().max(MAX_PASSWORD_BYTES).optional(),
});

/** See README.md beside this file. */
export const identification = defineStage({
  type: 'identification',
  config,
  answer,
  uses: ['directories'],
  claims: (options) => ({
    wants: [],
    gives: options.with_password ? ['identified', 'verified'] : ['identified'],
  }),
  texts,
  open: (ctx) =>
    Promise.resolve({
      kind: 'ask',
      challenge: challenge(ctx.config, ctx.flow.title, ctx.subject?.login ?? ''),
    }),
  async submit(ctx, given): Promise<Step> {
    const { by, with_password: isWithPassword } = ctx.config;
    const login = given.login.normalize('NFKC').trim();
    const secret = given.password ?? '';
    const again = (error: Message | null): Challenge =>
      challenge(ctx.config, ctx.flow.title, given.login.trim(), error);
    if (!isName(login)) return invalid(again({ key: 'identification.login.missing' }));
    if (isWithPassword ? secret === '' : given.password !== undefined) return invalid(again(null));

    const user = await ctx.ports.directories.find(login, by);
    const subject = { login: given.login.trim(), userId: user?.id ?? null };
    if (!isWithPassword) return { kind: 'pass', identified: subject };
    const proof = await provePassword(ctx, subject, user, secret);
    if (proof.result === 'right') return { kind: 'pass', identified: subject, proved: 'password' };
    const words = {
      wrong: { key: 'identification.wrong' },
      busy: { key: 'identification.busy' },
      throttled: { key: 'identification.throttled' },
    };
    return { kind: 'ask', challenge: again(null), ...refusedProof('password', proof, words) };
  },
});

/** Whether a directory may be asked for it: nobody is called nothing, and no name has control characters. */
function isName(login: string): boolean {
  return login !== '' && login.length <= MAX_LOGIN && !/\p{Cc}/u.test(login);
}

function invalid(again: Challenge): Step {
  return {
    kind: 'ask',
    challenge: again,
    reason: { code: 'answer/invalid' },
    refusal: { key: 'identification.incomplete' },
  };
}

function challenge(
  options: Config,
  title: string,
  value: string,
  error: Message | null = null,
): Challenge {
  const [only, other] = options.by;
  const way = other === undefined ? (only ?? 'username') : 'either';
  const login: Field = {
    kind: way === 'email' ? 'email' : 'text',
    name: 'login',
    label: { key: `identification.login.${way}` },
    autocomplete: 'username',
    required: true,
    maxLength: MAX_LOGIN,
    ...(value === '' ? {} : { value }),
    ...(error === null ? {} : { error }),
  };
  const secret: Field = {
    kind: 'password',
    name: 'password',
    label: { key: 'identification.password' },
    autocomplete: 'current-password',
    required: true,
    maxLength: MAX_PASSWORD_BYTES,
  };
  return {
    type: 'identification',
    title: { literal: title },
    fields: options.with_password ? [login, secret] : [login],
    submit: { key: options.with_password ? 'identification.sign-in' : 'identification.next' },
  };
}
