/**
 * Asks the provider of a captcha whether its answer is good. What it does not say clearly is a no;
 * the person's address is not passed on.
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

/** Rejects with Problem `outside/unavailable` when the provider does not answer. `host` is the portal's. */
export async function isPassed(
  outside: Outside,
  { kind, secret, site_key: sitekey }: Provider,
  token: string,
  host: string,
): Promise<boolean> {
  const form = { secret, response: token, ...(kind === 'hcaptcha' ? { sitekey } : {}) };
  const parsed = answer.safeParse(await outside.post(VERIFY[kind], form));
  // Where it says on whose page it was solved, that page is ours.
  return parsed.success && (parsed.data.hostname ?? host) === host;
}
