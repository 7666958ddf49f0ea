/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.consent': 'This app needs your consent first.',
    'reason.consent/expired': 'Your consent for this app has expired. Please give it again.',
  },
  de: {
    'reason.consent': 'Diese App benötigt zuerst Ihre Zustimmung.',
    'reason.consent/expired':
      'Ihre Zustimmung für diese App ist abgelaufen. Bitte erteilen Sie sie erneut.',
  },
};
