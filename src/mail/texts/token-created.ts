/** The email about a new token for programs. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { page, paragraph } from '../page.ts';

const EN = {
  heading: 'New token',
  what: 'A token was created for the account {account} at {site}, at {time}. A program that presents it opens apps in your name, without a sign-in, until it expires or you revoke it.',
  how: 'You can see and revoke all your tokens on the start page of {site}.',
  who: 'If this was not you, someone else is signed in as you: revoke the token, change your password and tell your administrator.',
};
const DE = {
  heading: 'Neues Token',
  what: 'Für das Konto {account} bei {site} wurde ein Token erstellt ({time}). Ein Programm, das es vorzeigt, öffnet Apps in Ihrem Namen und ohne Anmeldung, bis es abläuft oder Sie es widerrufen.',
  how: 'Alle Ihre Tokens sehen und widerrufen Sie auf der Startseite von {site}.',
  who: 'Wenn Sie das nicht waren, ist jemand anderes als Sie angemeldet: Widerrufen Sie das Token, ändern Sie Ihr Passwort und informieren Sie Ihre Administration.',
};

export const tokenCreated: Readonly<Record<string, EmailTemplate>> = {
  en: emailOf('en', 'for {account} at {site}', EN),
  de: emailOf('de', 'für {account} bei {site}', DE),
};

function emailOf(language: string, whose: string, words: typeof EN): EmailTemplate {
  const { heading, what, how, who } = words;
  return {
    subject: `${heading} ${whose}`,
    text: `${[what, how, `{origin}\n${who}`].join('\n\n')}\n`,
    html: page(language, heading, [
      paragraph(what),
      paragraph(how),
      paragraph('{origin}', 'small'),
      paragraph(who, 'small'),
    ]),
  };
}
