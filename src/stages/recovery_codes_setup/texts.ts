/** Texts of the recovery codes setup. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'recovery_codes_setup.title': 'Save your recovery codes',
    'recovery_codes_setup.lead':
      'With one of these codes you can sign in when your phone or key is not at hand. Each works once. They are shown only once.',
    'recovery_codes_setup.codes': 'Recovery codes',
    'recovery_codes_setup.replaces': 'Your earlier recovery codes will stop working.',
    'recovery_codes_setup.kept': 'I have saved these codes in a safe place',
    'recovery_codes_setup.submit': 'Continue',
    'recovery_codes_setup.keep': 'Please save the codes first, then confirm.',
    'recovery_codes_setup.unproved':
      'Please sign in again first: only you may change how you sign in.',
  },
  de: {
    'recovery_codes_setup.title': 'Bewahren Sie Ihre Wiederherstellungs\u00ADcodes auf',
    'recovery_codes_setup.lead':
      'Mit einem dieser Codes können Sie sich anmelden, wenn Sie Ihr Telefon oder Ihren Sicherheitsschlüssel nicht zur Hand haben. Jeder Code gilt nur einmal. Die Codes werden nur dieses eine Mal angezeigt.',
    'recovery_codes_setup.codes': 'Wiederherstellungscodes',
    'recovery_codes_setup.replaces': 'Ihre bisherigen Wiederherstellungscodes werden ungültig.',
    'recovery_codes_setup.kept': 'Ich habe diese Codes sicher aufbewahrt',
    'recovery_codes_setup.submit': 'Weiter',
    'recovery_codes_setup.keep':
      'Bitte bewahren Sie die Codes zuerst sicher auf und bestätigen Sie das.',
    'recovery_codes_setup.unproved':
      'Bitte melden Sie sich zuerst noch einmal an: Nur Sie selbst dürfen ändern, wie Sie sich anmelden.',
  },
};
