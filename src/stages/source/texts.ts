/** Texts of the source stage. What a source refuses is the same everywhere: see flow/web/texts.ts. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'source.choice': 'Sign in with your account elsewhere',
    'source.continue': 'Continue with {source}',
    'source.submit': 'Continue',
    'source.incomplete': 'Please use the button to continue.',
  },
  de: {
    'source.choice': 'Mit einem Konto bei einem anderen Anbieter anmelden',
    'source.continue': 'Weiter mit {source}',
    'source.submit': 'Weiter',
    'source.incomplete': 'Bitte verwenden Sie die Schaltfläche, um fortzufahren.',
  },
};
