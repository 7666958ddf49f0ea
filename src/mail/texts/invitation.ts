/** The email with the link of an invitation, which an operator sends by a command. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { link, page, paragraph } from '../page.ts';

const EN = {
  heading: 'You are invited',
  what: 'You can create an account at {site} with this email address. Open this link to begin:',
  button: 'Create your account',
  until: 'The link works once, until {until}.',
  who: 'If you did not expect this, ignore this email: no account is created.',
};
const DE = {
  heading: 'Sie sind eingeladen',
  what: 'Sie können mit dieser E-Mail-Adresse ein Konto bei {site} anlegen. Öffnen Sie dazu diesen Link:',
  button: 'Konto anlegen',
  until: 'Der Link funktioniert einmal, bis {until}.',
  who: 'Wenn Sie das nicht erwartet haben, ignorieren Sie diese E-Mail: Es wird kein Konto angelegt.',
};

export const invitation: Readonly<Record<string, EmailTemplate>> = {
  en: emailOf('en', 'to {site}', EN),
  de: emailOf('de', 'zu {site}', DE),
};

function emailOf(language: string, where: string, words: typeof EN): EmailTemplate {
  const { heading, what, button, until, who } = words;
  return {
    subject: `${heading} ${where}`,
    text: `${[what, '{link}', until, who].join('\n\n')}\n`,
    html: page(language, heading, [
      paragraph(what),
      link(button),
      paragraph(until, 'small'),
      paragraph(who, 'small'),
    ]),
  };
}
