/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.consent': 'This app needs your consent first.',
    'reason.consent/expired': 'Your consent for this app has expired. Please give it again.',
    'detail.consent/missing': 'lacks {permissions}',
    'detail.consent/nothing': 'nothing was allowed',
    'detail.consent/expired': 'since {time}',
  },
  de: {
    'reason.consent': 'Diese App benötigt zuerst Ihre Zustimmung.',
    'reason.consent/expired':
      'Ihre Zustimmung für diese App ist abgelaufen. Bitte erteilen Sie sie erneut.',
    'detail.consent/missing': 'es fehlen: {permissions}',
    'detail.consent/nothing': 'nichts wurde erlaubt',
    'detail.consent/expired': 'seit {time}',
  },
};
