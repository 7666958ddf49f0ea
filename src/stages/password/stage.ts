/**
 * Asks the identified user for their password. A wrong password, an unknown username and a disabled
 * account take the same time and look the same. Only the executor counts attempts.
 */
import { z } from 'zod';
import { directoryName, name } from '../../schema/names.ts';
import { PASSKEY_KEY } from '../../core/proof/passkey-proof.ts';
import { SOURCE_KEY, SOURCE_METHOD } from '../../core/proof/source-step.ts';
import { provePassword, rejectedProof } from '../../core/proof/password-proof.ts';
import type { Directory } from '../../core/people/directory.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

/** Maximum number of directories in the option. */
const MAX_DIRECTORIES = 16;

const config = z.strictObject({
  directories: z
    .array(directoryName)
    .min(1)
    .max(MAX_DIRECTORIES)
    .refine((list) => new Set(list).size === list.length, 'names each directory once')
    .optional()
    .describe('Only users of these directories, by name, can use a password here. Default: all.'),
  configure: name
    .optional()
    .describe(
      'Flow that "Forgot your password?" links to, such as recovery. Default: no link. Not shown if no directory lets users choose a new password.',
    ),
});
type Context = Pick<StageContext<z.infer<typeof config>, 'directories'>, 'config' | 'ports'>;

/** See README.md beside this file. */
export const password = defineStage({
  type: 'password',
  config,
  submission: { shape: z.strictObject({ password: z.string().min(1).max(MAX_PASSWORD_BYTES) }) },
  uses: ['directories'],
  claims: () => ({ wants: ['identified'], gives: ['verified'] }),
  leads: {
    links: ({ configure: flow }) => (flow === undefined ? [] : [{ flow, option: 'configure' }]),
  },
  needs: {
    directories: ({ directories: names }) =>
      names === undefined ? null : { names, option: 'directories' },
  },
  texts,
  open(ctx): Promise<Step> {
    if (ctx.subject === null) return Promise.resolve(NO_USER);
    return Promise.resolve(isReplaced(ctx) ? { kind: 'pass' } : ask(ctx, ctx.subject.login));
  },
  async submit(ctx, given): Promise<Step> {
    if (ctx.subject === null) return NO_USER;
    const among = ctx.config.directories ?? null;
    const proof = await provePassword(
      ctx,
      { subject: ctx.subject, user: ctx.user },
      given.password,
      among,
    );
    if (proof.result === 'right') return { kind: 'pass', proved: 'password' };
    return { ...ask(ctx, ctx.subject.login), ...rejectedProof('password', proof, WORDS) };
  },
});

const WORDS = {
  wrong: { key: 'password.wrong' },
  expired: { key: 'password.expired' },
  busy: { key: 'password.busy' },
  throttled: { key: 'password.throttled' },
};

/** The linker prevents this. If it happens anyway, access is denied. */
const NO_USER: Step = {
  kind: 'stop',
  reason: { code: 'user/none' },
  text: { key: 'password.nobody' },
};

/** Whether a passkey or a source identified and proved the user, replacing username and password. */
function isReplaced({
  learned,
  proofs,
}: Pick<StageContext<unknown>, 'learned' | 'proofs'>): boolean {
  const has = (method: string): boolean => proofs.some((proof) => proof.method === method);
  return (
    (learned[PASSKEY_KEY] === true && has('webauthn')) ||
    (learned[SOURCE_KEY] === true && has(SOURCE_METHOD))
  );
}

/**
 * Whether any user of these directories can choose a new password. The same for every name, or the
 * link would reveal which names have a user, and where.
 */
function isRenewable(
  { directories: names }: z.infer<typeof config>,
  { renewable = [] }: Pick<Directory, 'renewable'>,
): boolean {
  return renewable.some((one) => names?.includes(one) ?? true);
}

function ask(
  { config: options, ports }: Context,
  login: string,
): { readonly kind: 'ask'; readonly challenge: Challenge } {
  const { configure } = options;
  const flow = isRenewable(options, ports.directories) ? configure : undefined;
  return {
    kind: 'ask',
    challenge: {
      type: 'password',
      title: { key: 'password.title' },
      fields: [
        { kind: 'username', value: login },
        {
          kind: 'password',
          name: 'password',
          label: { key: 'password.label' },
          autocomplete: 'current-password',
          required: true,
          maxLength: MAX_PASSWORD_BYTES,
        },
      ],
      submit: { key: 'password.submit' },
      restart: { key: 'password.restart' },
      ...(flow === undefined ? {} : { links: [{ label: { key: 'password.forgotten' }, flow }] }),
    },
  };
}
