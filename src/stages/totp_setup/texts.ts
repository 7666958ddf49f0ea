/** Texts of the authenticator app setup. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'totp_setup.title': 'Set up an authenticator app',
    'totp_setup.lead':
      'Scan the picture with an authenticator app, or type the secret into it. Then enter the code it shows.',
    'totp_setup.qr': 'QR code for the app',
    'totp_setup.code': 'Code from the app, {digits} digits',
    'totp_setup.submit': 'Confirm',
    'totp_setup.wrong':
      'This code is wrong. Codes change every 30 seconds: enter the one the app shows now, and check that the clock of your device is right.',
    'totp_setup.busy': 'This site is busy right now. Please try again in a moment.',
    'totp_setup.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'totp_setup.unproved': 'Please sign in again first: only you may change how you sign in.',
    'totp_setup.too-many':
      'You have reached the maximum number of authenticator apps. Remove one first.',
  },
  de: {
    'totp_setup.title': 'Authenticator-App einrichten',
    'totp_setup.lead':
      'Scannen Sie das Bild mit einer Authenticator-App oder geben Sie den Schlüssel dort ein. Geben Sie dann den Code ein, den die App zeigt.',
    'totp_setup.qr': 'QR-Code für die App',
    'totp_setup.code': 'Code aus der App, {digits} Ziffern',
    'totp_setup.submit': 'Bestätigen',
    'totp_setup.wrong':
      'Dieser Code ist falsch. Die Codes wechseln alle 30 Sekunden: Geben Sie den ein, den die App gerade zeigt, und prüfen Sie, ob die Uhr Ihres Geräts richtig geht.',
    'totp_setup.busy': 'Gerade ist viel los. Bitte versuchen Sie es gleich noch einmal.',
    'totp_setup.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'totp_setup.unproved':
      'Bitte melden Sie sich zuerst noch einmal an: Nur Sie selbst dürfen ändern, wie Sie sich anmelden.',
    'totp_setup.too-many':
      'Sie haben die Höchstzahl an Authenticator-Apps erreicht. Entfernen Sie zuerst eine davon.',
  },
};
