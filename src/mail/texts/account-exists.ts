/** The email to the owner of an address with which a second account was requested. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { page, paragraph } from '../page.ts';

const EN = {
  heading: 'You already have an account',
  what: 'A new account at {site} was requested with this email address. You already have one: {account}.',
  how: 'Sign in with it. If you do not know your password, reset it on the sign-in page.',
  who: 'If this was not you, ignore this email: your account stays as it is, and no other one is created.',
};
const DE = {
  heading: 'Sie haben bereits ein Konto',
  what: 'Mit dieser E-Mail-Adresse wurde ein neues Konto bei {site} beantragt. Sie haben dort bereits eines: {account}.',
  how: 'Melden Sie sich damit an. Wenn Sie Ihr Passwort nicht kennen, setzen Sie es auf der Anmeldeseite zurück.',
  who: 'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Konto bleibt, wie es ist, und es wird kein weiteres angelegt.',
};

export const accountExists: Readonly<Record<string, EmailTemplate>> = {
  en: emailOf('en', 'at {site}', EN),
  de: emailOf('de', 'bei {site}', DE),
};

function emailOf(language: string, where: string, words: typeof EN): EmailTemplate {
  const { heading, what, how, who } = words;
  return {
    subject: `${heading} ${where}`,
    text: `${[what, how, `{origin}\n${who}`].join('\n\n')}\n`,
    html: page(language, heading, [
      paragraph(what),
      paragraph(how),
      paragraph('{origin}', 'small'),
      paragraph(who, 'small'),
    ]),
  };
}
