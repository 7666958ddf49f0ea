/** Texts of the email_code stage. They do not depend on whether an email was sent. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'email_code.title': 'Check your mailbox',
    'email_code.lead': 'If we know you, a code is on its way to your email address.',
    'email_code.sign-up':
      'We have sent an email to {address}. Enter the code from it here to create your account.',
    'email_code.code': 'Code from the email',
    'email_code.submit': 'Continue',
    'email_code.instead': 'Nothing came?',
    'email_code.again': 'Send another code',
    'email_code.restart': 'Not you?',
    'email_code.correct': 'Wrong address?',
    'email_code.patience':
      'A code was requested a moment ago. Check your mailbox and spam folder before you request another.',
    'email_code.wrong': 'This code is wrong or has expired. Enter the one from the latest email.',
    'email_code.busy': 'Many people are signing in right now. Please try again in a moment.',
    'email_code.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'email_code.nobody': 'Please start again and enter your username first.',
    'email_code.none':
      'We do not have an email address for you. Please contact your administrator.',
  },
  de: {
    'email_code.title': 'Prüfen Sie Ihr Postfach',
    'email_code.lead':
      'Wenn Sie hier ein Konto haben, ist ein Code an Ihre E-Mail-Adresse unterwegs.',
    'email_code.sign-up':
      'Wir haben eine E-Mail an {address} gesendet. Geben Sie hier den Code daraus ein, um Ihr Konto anzulegen.',
    'email_code.code': 'Code aus der E-Mail',
    'email_code.submit': 'Weiter',
    'email_code.instead': 'Nichts angekommen?',
    'email_code.again': 'Noch einen Code senden',
    'email_code.restart': 'Sind Sie das nicht?',
    'email_code.correct': 'Falsche Adresse?',
    'email_code.patience':
      'Gerade eben wurde ein Code angefordert. Prüfen Sie Ihr Postfach, auch den Spam-Ordner, bevor Sie einen weiteren anfordern.',
    'email_code.wrong':
      'Dieser Code ist falsch oder abgelaufen. Geben Sie den aus der neuesten E-Mail ein.',
    'email_code.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'email_code.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'email_code.nobody':
      'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
    'email_code.none':
      'Für Ihr Konto ist keine E-Mail-Adresse hinterlegt. Bitte wenden Sie sich an die Administration dieser Website.',
  },
};
