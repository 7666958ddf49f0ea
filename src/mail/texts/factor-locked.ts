/** The email about second factors that were switched off after too many wrong ones. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { page, paragraph } from '../page.ts';

const EN = {
  heading: 'Codes and passkeys are switched off',
  what: 'Too many wrong codes or passkeys were entered for the account {account} at {site}. They are switched off for this account since {time}.',
  how: 'To switch them on again, sign in and enter one of your recovery codes where a code is asked for. If you have none, ask your administrator to unlock the account.',
  who: 'The wrong entries were made after the first step of the sign-in, such as your password. If this was not you, someone else may know your password: change it and tell your administrator.',
};
const DE = {
  heading: 'Codes und Passkeys sind abgeschaltet',
  what: 'Für das Konto {account} bei {site} wurden zu oft falsche Codes oder Passkeys eingegeben. Seit {time} sind sie für dieses Konto abgeschaltet.',
  how: 'Um sie wieder einzuschalten, melden Sie sich an und geben Sie einen Ihrer Wiederherstellungscodes ein, sobald ein Code verlangt wird. Wenn Sie keinen haben, bitten Sie Ihre Administration, das Konto zu entsperren.',
  who: 'Die falschen Eingaben kamen nach dem ersten Schritt der Anmeldung, etwa Ihrem Passwort. Wenn Sie das nicht waren, kennt möglicherweise jemand anderes Ihr Passwort: Ändern Sie es und informieren Sie Ihre Administration.',
};

export const factorLocked: Readonly<Record<string, EmailTemplate>> = {
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
