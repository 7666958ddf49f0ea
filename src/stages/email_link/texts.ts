/** Texts of the email_link stage. They do not depend on whether an email was sent. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'email_link.title': 'Check your mailbox',
    'email_link.lead':
      'If we know you, a link is on its way to your email address. Open it, or enter the code from the same email here.',
    'email_link.sign-up':
      'We have sent an email to {address}. Open the link in it in this browser, or enter its code here, to create your account.',
    'email_link.code': 'Code from the email',
    'email_link.submit': 'Continue',
    'email_link.instead': 'Nothing came?',
    'email_link.again': 'Send another link',
    'email_link.restart': 'Not you?',
    'email_link.correct': 'Wrong address?',
    'email_link.patience':
      'A link was requested a moment ago. Check your mailbox and spam folder before you request another.',
    'email_link.wrong':
      'The link or code is wrong or has expired. Use the one from the latest email.',
    'email_link.busy': 'Many people are signing in right now. Please try again in a moment.',
    'email_link.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'email_link.nobody': 'Please start again and enter your username first.',
    'email_link.none':
      'We do not have an email address for you. Please contact your administrator.',
  },
  de: {
    'email_link.title': 'Prüfen Sie Ihr Postfach',
    'email_link.lead':
      'Wenn Sie hier ein Konto haben, ist ein Link an Ihre E-Mail-Adresse unterwegs. Öffnen Sie ihn oder geben Sie hier den Code aus derselben E-Mail ein.',
    'email_link.sign-up':
      'Wir haben eine E-Mail an {address} gesendet. Öffnen Sie den Link daraus in diesem Browser oder geben Sie hier den Code ein, um Ihr Konto anzulegen.',
    'email_link.code': 'Code aus der E-Mail',
    'email_link.submit': 'Weiter',
    'email_link.instead': 'Nichts angekommen?',
    'email_link.again': 'Noch einen Link senden',
    'email_link.restart': 'Sind Sie das nicht?',
    'email_link.correct': 'Falsche Adresse?',
    'email_link.patience':
      'Gerade eben wurde ein Link angefordert. Prüfen Sie Ihr Postfach, auch den Spam-Ordner, bevor Sie einen weiteren anfordern.',
    'email_link.wrong':
      'Der Link oder Code ist falsch oder abgelaufen. Verwenden Sie den aus der neuesten E-Mail.',
    'email_link.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'email_link.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'email_link.nobody':
      'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
    'email_link.none':
      'Für Ihr Konto ist keine E-Mail-Adresse hinterlegt. Bitte wenden Sie sich an die Administration dieser Website.',
  },
};
