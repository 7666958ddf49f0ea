/** Texts for mistakes in the flow's configuration. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'user_write.unproved': 'Please sign in first: only you may change what is kept about you.',
    'user_write.unfit':
      'An answer does not fit where it should be kept. Please contact your administrator.',
    'user_write.nameless': 'No user name was given. Please contact your administrator.',
  },
  de: {
    'user_write.unproved':
      'Bitte melden Sie sich zuerst an: Nur Sie selbst dürfen ändern, was über Sie gespeichert ist.',
    'user_write.unfit':
      'Eine Antwort passt nicht dorthin, wo sie gespeichert werden soll. Bitte wenden Sie sich an die Betreuung dieses Dienstes.',
    'user_write.nameless':
      'Es wurde kein Benutzername angegeben. Bitte wenden Sie sich an die Betreuung dieses Dienstes.',
  },
};
