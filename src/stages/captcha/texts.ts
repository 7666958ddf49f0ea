/** Texts of the captcha stage. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'captcha.title': 'One moment',
    'captcha.work': 'Your browser is doing a sum that slows robots down. This takes a few seconds.',
    'captcha.puzzle': 'Check that you are no robot',
    'captcha.submit': 'Continue',
    'captcha.wrong': 'That did not work. Please try once more.',
    'captcha.unavailable':
      'The service that checks this does not answer. Please try again in a moment.',
  },
  de: {
    'captcha.title': 'Einen Moment',
    'captcha.work':
      'Ihr Browser löst eine Rechenaufgabe, die Roboter bremst. Das dauert einige Sekunden.',
    'captcha.puzzle': 'Prüfung, dass Sie kein Roboter sind',
    'captcha.submit': 'Weiter',
    'captcha.wrong': 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
    'captcha.unavailable':
      'Der Dienst, der das prüft, antwortet nicht. Bitte versuchen Sie es gleich noch einmal.',
  },
};
