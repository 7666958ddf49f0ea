/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.reputation':
      'There have been too many failed sign-in attempts from your network. Please try again later.',
    'reason.reputation/account':
      'There have been too many failed sign-in attempts for your account. Please try again later.',
  },
  de: {
    'reason.reputation':
      'Aus Ihrem Netzwerk gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
    'reason.reputation/account':
      'Für Ihr Konto gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
  },
};
