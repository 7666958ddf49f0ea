/** Texts of the email_link stage. They do not depend on whether an email was sent. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'email_link.title': 'Look into your mailbox',
    'email_link.lead':
      'If we know you, a link is on its way to your email address. Open it, or enter the code beside it here.',
    'email_link.code': 'Code from the email',
    'email_link.submit': 'Continue',
    'email_link.instead': 'Nothing came?',
    'email_link.again': 'Send another link',
    'email_link.restart': 'Not you?',
    'email_link.patience':
      'A link was asked for a moment ago. Look into your mailbox, also among the unwanted mail, before you ask for another.',
    'email_link.wrong':
      'That is not right, or not any more. Use the link or the code from the newest email.',
    'email_link.busy': 'Many people are signing in right now. Please try again in a moment.',
    'email_link.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'email_link.nobody': 'Please start again and enter your username first.',
    'email_link.none': 'We know no email address of yours. Please contact your administrator.',
  },
  de: {
    'email_link.title': 'Sehen Sie in Ihr Postfach',
    'email_link.lead':
      'Wenn wir Sie kennen, ist ein Link an Ihre E-Mail-Adresse unterwegs. Öffnen Sie ihn, oder geben Sie den Code daneben hier ein.',
    'email_link.code': 'Code aus der E-Mail',
    'email_link.submit': 'Weiter',
    'email_link.instead': 'Nichts angekommen?',
    'email_link.again': 'Noch einen Link senden',
    'email_link.restart': 'Sind Sie das nicht?',
    'email_link.patience':
      'Gerade eben wurde ein Link angefordert. Sehen Sie in Ihr Postfach, auch unter der unerwünschten Post, bevor Sie noch einen anfordern.',
    'email_link.wrong':
      'Das stimmt nicht oder nicht mehr. Nehmen Sie Link oder Code aus der neuesten E-Mail.',
    'email_link.busy': 'Gerade melden sich viele an. Bitte versuchen Sie es gleich noch einmal.',
    'email_link.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'email_link.nobody':
      'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
    'email_link.none':
      'Wir kennen keine E-Mail-Adresse von Ihnen. Bitte wenden Sie sich an die Betreuung dieses Dienstes.',
  },
};
