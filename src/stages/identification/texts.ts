/**
 * Texts of the identification stage. The error does not say whether the username or the password
 * was wrong.
 */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'identification.login.username': 'Username',
    'identification.login.email': 'Email address',
    'identification.login.either': 'Username or email address',
    'identification.login.missing': 'Enter the name or address you sign in with.',
    'identification.password': 'Password',
    'identification.passkey': 'Sign in with a passkey',
    'identification.passkey.older': 'Sign in with an older passkey',
    'identification.passkey.wrong':
      'You could not be signed in with this passkey. Try once more, or enter your name instead.',
    'identification.sources': 'Sign in with an account elsewhere',
    'identification.source': 'Continue with {source}',
    'identification.restart': 'Not you?',
    'identification.create': 'Create an account',
    'identification.next': 'Next',
    'identification.sign-in': 'Sign in',
    'identification.incomplete': 'Something is missing in this form.',
    'identification.wrong': 'Wrong username or password. Check both and try again.',
    'identification.expired':
      'This password has expired. Change it where your organization lets you, then sign in here.',
    'identification.busy': 'Many people are signing in right now. Please try again in a moment.',
    'identification.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
  },
  de: {
    'identification.login.username': 'Benutzername',
    'identification.login.email': 'E-Mail-Adresse',
    'identification.login.either': 'Benutzername oder E-Mail-Adresse',
    'identification.login.missing':
      'Geben Sie den Namen oder die Adresse ein, mit der Sie sich anmelden.',
    'identification.password': 'Passwort',
    'identification.passkey': 'Mit Passkey anmelden',
    'identification.passkey.older': 'Mit einem älteren Passkey anmelden',
    'identification.passkey.wrong':
      'Die Anmeldung mit diesem Passkey hat nicht geklappt. Versuchen Sie es noch einmal oder geben Sie Ihren Namen ein.',
    'identification.sources': 'Mit einem Konto bei einem anderen Anbieter anmelden',
    'identification.source': 'Weiter mit {source}',
    'identification.restart': 'Sind Sie das nicht?',
    'identification.create': 'Konto anlegen',
    'identification.next': 'Weiter',
    'identification.sign-in': 'Anmelden',
    'identification.incomplete': 'In diesem Formular fehlt etwas.',
    'identification.wrong':
      'Benutzername oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
    'identification.expired':
      'Dieses Passwort ist abgelaufen. Ändern Sie es dort, wo Ihre Organisation es vorsieht, und melden Sie sich dann hier an.',
    'identification.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'identification.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
  },
};
