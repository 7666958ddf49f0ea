/** Texts of the consent stage. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'consent.title': 'Let {app} know who you are?',
    'consent.lead': '{app} would like access to:',
    'consent.lead.none': '{app} would like to know who you are.',
    'consent.allow': 'Allow',
    'consent.instead': 'You would rather not?',
    'consent.deny': 'Do not allow',
    'consent.denied': 'You did not allow it. Nothing was passed on. You can close this page.',
    'consent.unproved': 'Please sign in first: only you may decide this.',
  },
  de: {
    'consent.title': 'Darf {app} wissen, wer Sie sind?',
    'consent.lead': '{app} möchte Zugriff auf:',
    'consent.lead.none': '{app} möchte wissen, wer Sie sind.',
    'consent.allow': 'Erlauben',
    'consent.instead': 'Lieber nicht?',
    'consent.deny': 'Nicht erlauben',
    'consent.denied':
      'Sie haben den Zugriff nicht erlaubt. Es wurde nichts weitergegeben. Sie können diese Seite schließen.',
    'consent.unproved': 'Bitte melden Sie sich zuerst an: Nur Sie selbst dürfen das entscheiden.',
  },
};
