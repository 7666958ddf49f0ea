/** Texts for mistakes in the flow's configuration. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'user_write.unproved': 'Please sign in first: only you may change your account.',
    'user_write.unfit': 'A value cannot be stored as intended. Please contact your administrator.',
    'user_write.nameless': 'No username was given. Please contact your administrator.',
    'user_write.addressless': 'No email address was given. Please contact your administrator.',
  },
  de: {
    'user_write.unproved':
      'Bitte melden Sie sich zuerst an: Nur Sie selbst dürfen ändern, was über Sie gespeichert ist.',
    'user_write.unfit':
      'Eine Eingabe kann nicht wie vorgesehen gespeichert werden. Bitte wenden Sie sich an die Administration dieser Website.',
    'user_write.nameless':
      'Es wurde kein Benutzername angegeben. Bitte wenden Sie sich an die Administration dieser Website.',
    'user_write.addressless':
      'Es wurde keine E-Mail-Adresse angegeben. Bitte wenden Sie sich an die Administration dieser Website.',
  },
};
