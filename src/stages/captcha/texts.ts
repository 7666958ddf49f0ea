/** Texts of the captcha stage. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'captcha.title': 'One moment',
    'captcha.work':
      'Your browser is solving a small task that slows down bots. This takes a few seconds.',
    'captcha.puzzle': 'Confirm that you are not a robot',
    'captcha.submit': 'Continue',
    'captcha.wrong': 'That did not work. Please try once more.',
    'captcha.unavailable':
      'The verification service is not responding. Please try again in a moment.',
  },
  de: {
    'captcha.title': 'Einen Moment',
    'captcha.work':
      'Ihr Browser löst eine Rechenaufgabe zum Schutz vor Bots. Das dauert einige Sekunden.',
    'captcha.puzzle': 'Prüfung, ob Sie ein Mensch sind',
    'captcha.submit': 'Weiter',
    'captcha.wrong': 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
    'captcha.unavailable':
      'Der Prüfdienst antwortet nicht. Bitte versuchen Sie es gleich noch einmal.',
  },
};
