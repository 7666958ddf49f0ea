/** Texts of the email code setup. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'email_code_setup.title': 'Set up codes by email',
    'email_code_setup.lead': 'We send a code to this address whenever you need a second step.',
    'email_code_setup.email': 'Email address',
    'email_code_setup.email.bad': 'That is not an email address. Check it and try again.',
    'email_code_setup.send': 'Send the code',
    'email_code_setup.sent': 'We have sent a code to {to}. It expires after ten minutes.',
    'email_code_setup.code': 'Code from the email',
    'email_code_setup.confirm': 'Confirm',
    'email_code_setup.instead': 'Nothing came?',
    'email_code_setup.again': 'Send another code',
    'email_code_setup.other': 'Use another address',
    'email_code_setup.patience':
      'A code was sent a moment ago. Check your mailbox and spam folder before you request another.',
    'email_code_setup.wrong':
      'This code is wrong or has expired. Enter the one from the latest email.',
    'email_code_setup.busy': 'This site is busy right now. Please try again in a moment.',
    'email_code_setup.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'email_code_setup.unproved': 'Please sign in again first: only you may change how you sign in.',
    'email_code_setup.too-many':
      'You have reached the maximum number of addresses. Remove one first.',
    'email_code_setup.none':
      'We do not have an email address for you. Please contact your administrator.',
  },
  de: {
    'email_code_setup.title': 'Codes per E\u2011Mail einrichten',
    'email_code_setup.lead':
      'An diese Adresse senden wir einen Code, wenn Sie einen zweiten Schritt brauchen.',
    'email_code_setup.email': 'E-Mail-Adresse',
    'email_code_setup.email.bad':
      'Das ist keine E-Mail-Adresse. Prüfen Sie sie und versuchen Sie es noch einmal.',
    'email_code_setup.send': 'Code senden',
    'email_code_setup.sent': 'Wir haben einen Code an {to} gesendet. Er gilt zehn Minuten.',
    'email_code_setup.code': 'Code aus der E-Mail',
    'email_code_setup.confirm': 'Bestätigen',
    'email_code_setup.instead': 'Nichts angekommen?',
    'email_code_setup.again': 'Noch einen Code senden',
    'email_code_setup.other': 'Andere Adresse verwenden',
    'email_code_setup.patience':
      'Gerade eben wurde ein Code gesendet. Prüfen Sie Ihr Postfach, auch den Spam-Ordner, bevor Sie einen weiteren anfordern.',
    'email_code_setup.wrong':
      'Dieser Code ist falsch oder abgelaufen. Geben Sie den aus der neuesten E-Mail ein.',
    'email_code_setup.busy': 'Gerade ist viel los. Bitte versuchen Sie es gleich noch einmal.',
    'email_code_setup.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'email_code_setup.unproved':
      'Bitte melden Sie sich zuerst noch einmal an: Nur Sie selbst dürfen ändern, wie Sie sich anmelden.',
    'email_code_setup.too-many':
      'Sie haben die Höchstzahl an Adressen erreicht. Entfernen Sie zuerst eine davon.',
    'email_code_setup.none':
      'Für Ihr Konto ist keine E-Mail-Adresse hinterlegt. Bitte wenden Sie sich an die Administration dieser Website.',
  },
};
