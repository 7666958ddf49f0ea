/** Texts of the passkey setup. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'webauthn_setup.title': 'Add a passkey',
    'webauthn_setup.lead':
      'A passkey signs you in with your finger, your face, a PIN or a security key. There is nothing to remember, and nothing that a phishing email can steal.',
    'webauthn_setup.nickname': 'Name, such as “Work laptop” (optional)',
    'webauthn_setup.nickname.bad': 'Please choose a name without special characters.',
    'webauthn_setup.make': 'Create passkey',
    'webauthn_setup.wrong': 'The passkey was not created. Please try once more.',
    'webauthn_setup.exists': 'This passkey is set up already.',
    'webauthn_setup.busy': 'This site is busy right now. Please try again in a moment.',
    'webauthn_setup.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'webauthn_setup.unproved': 'Please sign in again first: only you may change how you sign in.',
    'webauthn_setup.too-many': 'You have reached the maximum number of passkeys. Remove one first.',
  },
  de: {
    'webauthn_setup.title': 'Passkey hinzufügen',
    'webauthn_setup.lead':
      'Mit einem Passkey melden Sie sich mit Finger, Gesicht, PIN oder Sicherheitsschlüssel an. Sie müssen sich nichts merken, und betrügerische E-Mails können Ihnen nichts entlocken.',
    'webauthn_setup.nickname': 'Name des Passkeys, etwa „Laptop im Büro“ (optional)',
    'webauthn_setup.nickname.bad': 'Bitte wählen Sie einen Namen ohne Sonderzeichen.',
    'webauthn_setup.make': 'Passkey erstellen',
    'webauthn_setup.wrong': 'Der Passkey wurde nicht erstellt. Bitte versuchen Sie es noch einmal.',
    'webauthn_setup.exists': 'Dieser Passkey ist bereits eingerichtet.',
    'webauthn_setup.busy': 'Gerade ist viel los. Bitte versuchen Sie es gleich noch einmal.',
    'webauthn_setup.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'webauthn_setup.unproved':
      'Bitte melden Sie sich zuerst noch einmal an: Nur Sie selbst dürfen ändern, wie Sie sich anmelden.',
    'webauthn_setup.too-many':
      'Sie haben die Höchstzahl an Passkeys erreicht. Entfernen Sie zuerst einen davon.',
  },
};
