/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.password_strength': 'This password is not strong enough.',
    'reason.password_strength/too-short': 'Use at least {least} characters.',
    'reason.password_strength/too-long': 'This password is too long.',
    'reason.password_strength/too-few-classes':
      'Use at least {least} of these: lowercase letters, uppercase letters, digits, and symbols.',
    'reason.password_strength/own-data':
      'Your name, your email address, and the other details you entered do not count. Use at least {least} other characters.',
    'reason.password_strength/too-easy':
      'This password is too easy to guess. Try several unrelated words: they are hard to guess and easy to remember.',
    'reason.password_strength/common':
      'This is one of the most common passwords, which attackers try first. Choose another one.',
    'reason.password_strength/breached':
      'This password has appeared in a data breach, so attackers are likely to try it. Choose another one.',
    'detail.password_strength/too-short': '{found} of {least} characters',
    'detail.password_strength/too-few-classes': '{found} of {least}',
    'detail.password_strength/own-data': '{found} of {least} characters besides',
    'detail.password_strength/too-easy': '{found} of {least}',
    'detail.password_strength/breached': 'it is in a list of them',
  },
  de: {
    'reason.password_strength': 'Dieses Passwort ist nicht stark genug.',
    'reason.password_strength/too-short': 'Verwenden Sie mindestens {least} Zeichen.',
    'reason.password_strength/too-long': 'Dieses Passwort ist zu lang.',
    'reason.password_strength/too-few-classes':
      'Verwenden Sie mindestens {least} davon: Kleinbuchstaben, Großbuchstaben, Ziffern und Sonderzeichen.',
    'reason.password_strength/own-data':
      'Ihr Name, Ihre E-Mail-Adresse und Ihre übrigen Angaben zählen nicht mit. Verwenden Sie mindestens {least} weitere Zeichen.',
    'reason.password_strength/too-easy':
      'Dieses Passwort ist zu leicht zu erraten. Mehrere Wörter ohne Zusammenhang sind schwer zu erraten und leicht zu merken.',
    'reason.password_strength/common':
      'Das ist eines der häufigsten Passwörter, die Angreifer zuerst ausprobieren. Wählen Sie ein anderes.',
    'reason.password_strength/breached':
      'Dieses Passwort stammt aus einem bekannten Datenleck. Angreifer probieren es wahrscheinlich aus. Wählen Sie ein anderes.',
    'detail.password_strength/too-short': '{found} von {least} Zeichen',
    'detail.password_strength/too-few-classes': '{found} von {least}',
    'detail.password_strength/own-data': '{found} von {least} weiteren Zeichen',
    'detail.password_strength/too-easy': '{found} von {least}',
    'detail.password_strength/breached': 'es steht in einer Liste bekannt gewordener Passwörter',
  },
};
