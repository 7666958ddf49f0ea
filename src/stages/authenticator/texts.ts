/** Texts of the authenticator stage. Users with and without a factor see the same texts. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'authenticator.title.webauthn': 'Use your passkey',
    'authenticator.title.totp': 'Enter the code from your app',
    'authenticator.title.recovery_code': 'Enter a recovery code',
    'authenticator.title.email_code': 'Enter the code we sent you',
    'authenticator.lead.webauthn':
      'Confirm with your finger, your face, your PIN or your security key.',
    'authenticator.lead.totp': 'Open your authenticator app and enter the code it shows.',
    'authenticator.lead.recovery_code':
      'Enter one of the codes you saved when you set this up. It works once.',
    'authenticator.lead.email_code': 'We have sent a code to {to}. It expires after ten minutes.',
    'authenticator.code.totp': 'Code',
    'authenticator.code.recovery_code': 'Recovery code',
    'authenticator.code.email_code': 'Code from the email',
    'authenticator.passkey': 'Continue with passkey',
    'authenticator.passkey.older': 'Use an older passkey',
    'authenticator.submit': 'Continue',
    'authenticator.another': 'Another way',
    'authenticator.way.webauthn': 'Passkey or security key',
    'authenticator.way.totp': 'Code from an app',
    'authenticator.way.recovery_code': 'Recovery code',
    'authenticator.way.email_code': 'Code by email',
    'authenticator.again': 'Send another code',
    'authenticator.restart': 'Not you?',
    'authenticator.wrong.webauthn':
      'That did not work with this passkey. Try once more, or choose another way.',
    'authenticator.wrong.totp':
      'This code is wrong or was already used. Wait for the next one and enter it.',
    'authenticator.wrong.recovery_code': 'This code is wrong or was already used.',
    'authenticator.wrong.email_code':
      'This code is wrong or has expired. Enter the one from the latest email.',
    'authenticator.busy': 'Many people are signing in right now. Please try again in a moment.',
    'authenticator.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'authenticator.nobody': 'Please start again and enter your username first.',
    'authenticator.none':
      'This requires a second sign-in step, and you have not set one up. Please contact your administrator.',
    'authenticator.stale':
      'To set up a second step, you must have signed in within the last ten minutes. Sign out, sign in and come back here. If you cannot, contact your administrator.',
  },
  de: {
    'authenticator.title.webauthn': 'Verwenden Sie Ihren Passkey',
    'authenticator.title.totp': 'Geben Sie den Code aus Ihrer App ein',
    'authenticator.title.recovery_code': 'Geben Sie einen Wiederherstellungs\u00ADcode ein',
    'authenticator.title.email_code': 'Geben Sie den Code aus unserer E-Mail ein',
    'authenticator.lead.webauthn':
      'Bestätigen Sie mit Finger, Gesicht, PIN oder Sicherheitsschlüssel.',
    'authenticator.lead.totp':
      'Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie zeigt.',
    'authenticator.lead.recovery_code':
      'Geben Sie einen der Codes ein, die Sie beim Einrichten aufbewahrt haben. Er gilt nur einmal.',
    'authenticator.lead.email_code': 'Wir haben einen Code an {to} gesendet. Er gilt zehn Minuten.',
    'authenticator.code.totp': 'Code',
    'authenticator.code.recovery_code': 'Wiederherstellungscode',
    'authenticator.code.email_code': 'Code aus der E-Mail',
    'authenticator.passkey': 'Weiter mit Passkey',
    'authenticator.passkey.older': 'Älteren Passkey verwenden',
    'authenticator.submit': 'Weiter',
    'authenticator.another': 'Andere Methode wählen',
    'authenticator.way.webauthn': 'Passkey oder Sicherheitsschlüssel',
    'authenticator.way.totp': 'Code aus einer App',
    'authenticator.way.recovery_code': 'Wiederherstellungscode',
    'authenticator.way.email_code': 'Code per E-Mail',
    'authenticator.again': 'Noch einen Code senden',
    'authenticator.restart': 'Sind Sie das nicht?',
    'authenticator.wrong.webauthn':
      'Mit diesem Passkey hat es nicht geklappt. Versuchen Sie es noch einmal oder wählen Sie eine andere Methode.',
    'authenticator.wrong.totp':
      'Dieser Code ist falsch oder wurde schon verwendet. Warten Sie auf den nächsten und geben Sie ihn ein.',
    'authenticator.wrong.recovery_code': 'Dieser Code ist falsch oder wurde schon verwendet.',
    'authenticator.wrong.email_code':
      'Dieser Code ist falsch oder abgelaufen. Geben Sie den aus der neuesten E-Mail ein.',
    'authenticator.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'authenticator.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'authenticator.nobody':
      'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
    'authenticator.none':
      'Hierfür ist ein zweiter Schritt bei der Anmeldung nötig, und Sie haben noch keinen eingerichtet. Bitte wenden Sie sich an die Administration dieser Website.',
    'authenticator.stale':
      'Um einen zweiten Schritt einzurichten, müssen Sie sich in den letzten zehn Minuten angemeldet haben. Melden Sie sich ab und wieder an und kommen Sie dann hierher zurück. Wenn das nicht geht, wenden Sie sich bitte an die Administration dieser Website.',
  },
};
