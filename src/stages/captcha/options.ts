/** Options of the captcha: the built-in proof of work, or a provider with its keys. */
import { z } from 'zod';

const key = z.string().min(1).max(256);
const outside = {
  site_key: key.describe('Public key from the provider.'),
  secret: key.describe(
    'Secret key from the provider. Write ${env:NAME} instead of the secret itself.',
  ),
};

export const config = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z
      .literal('proof_of_work')
      .describe('Built in: the browser solves a small task, without a third party.'),
    effort: z
      .int()
      .min(1_000)
      .max(1_000_000)
      .prefault(100_000)
      .describe('Maximum of numbers that a browser tries. On average, it tries half of them.'),
  }),
  z.strictObject({ kind: z.literal('turnstile').describe('Cloudflare Turnstile.'), ...outside }),
  z.strictObject({ kind: z.literal('hcaptcha').describe('hCaptcha.'), ...outside }),
  z.strictObject({ kind: z.literal('recaptcha').describe('Google reCAPTCHA.'), ...outside }),
]);
export type Options = z.infer<typeof config>;
type Work = Extract<Options, { kind: 'proof_of_work' }>;
export type Provider = Exclude<Options, Work>;
