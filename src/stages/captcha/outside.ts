/**
 * Verifies a captcha response with its provider. Anything but a clear success fails. The user's
 * address is not sent.
 */
import { z } from 'zod';
import type { Outside } from '../../core/flow/stage.ts';
import type { Provider } from './options.ts';

const VERIFY: Readonly<Record<Provider['kind'], string>> = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
};

const answer = z.object({ success: z.literal(true), hostname: z.string().max(253).optional() });

/**
 * Rejects with Problem `outside/unavailable` if the provider does not respond. `host` is the
 * portal's host name.
 */
export async function isPassed(
  outside: Outside,
  { kind, secret, site_key: sitekey }: Provider,
  token: string,
  host: string,
): Promise<boolean> {
  const form = { secret, response: token, ...(kind === 'hcaptcha' ? { sitekey } : {}) };
  const parsed = answer.safeParse(await outside.post(VERIFY[kind], form));
  // If the provider reports the host on which the captcha was solved, it must be the portal's.
  return parsed.success && (parsed.data.hostname ?? host) === host;
}
