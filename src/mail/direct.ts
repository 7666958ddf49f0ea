/** Sends an email at once, for commands: its failure is theirs to report. */
import { type Email, isAddress, type Mailer } from '../core/flow/mail.ts';
import { fillTemplate } from '../core/flow/email-template.ts';
import { Problem } from '../core/values/problem.ts';
import { templateFor, templatesWith } from './templates.ts';

/** `templates`: the operator's, by file name. Problems: `mail/unavailable`, `mail/unlawful`. */
export async function sendNow(
  mailer: Pick<Mailer, 'send'>,
  templates: Readonly<Record<string, string>>,
  email: Email,
): Promise<void> {
  const template = templateFor(templatesWith(templates), email.template, email.language);
  if (template === null || !isAddress(email.to)) {
    throw new Problem('mail/unlawful', 'The address cannot receive email.', { status: 400 });
  }
  await mailer.send({ to: email.to, ...fillTemplate(template, email.values) });
}
