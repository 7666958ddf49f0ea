/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.reputation':
      'There have been too many failed sign-in attempts from your network. Please try again later.',
    'reason.reputation/account':
      'There have been too many failed sign-in attempts for your account. Please try again later.',
    'detail.reputation/address': 'the address has {score}; needs more than {above}',
    'detail.reputation/account': 'the account has {score}; needs more than {above}',
  },
  de: {
    'reason.reputation':
      'Aus Ihrem Netzwerk gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
    'reason.reputation/account':
      'Für Ihr Konto gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
    'detail.reputation/address':
      'die Adresse hat {score} Punkte; erforderlich sind mehr als {above}',
    'detail.reputation/account': 'das Konto hat {score} Punkte; erforderlich sind mehr als {above}',
  },
};
