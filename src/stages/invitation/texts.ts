/** Texts for invitations that cannot be used. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'invitation.none': 'This is by invitation only. Open the link you were given, or ask for one.',
    'invitation.unknown':
      'This invitation is not known here. Open the link exactly as you were given it, or ask for another.',
    'invitation.spent':
      'This invitation has been used already. If that was you, just sign in; otherwise ask for another.',
    'invitation.expired': 'This invitation has expired. Ask for another.',
    'invitation.late':
      'This was for the first account here, and there is one by now. Sign in, or ask an administrator.',
    'invitation.unfit':
      'This invitation was not made as it should be. Ask the sender for another one.',
  },
  de: {
    'invitation.none':
      'Hier kommt man nur mit einer Einladung weiter. Öffnen Sie den Link, den Sie bekommen haben, oder bitten Sie um einen.',
    'invitation.unknown':
      'Diese Einladung ist hier nicht bekannt. Öffnen Sie den Link genau so, wie Sie ihn bekommen haben, oder bitten Sie um einen anderen.',
    'invitation.spent':
      'Diese Einladung wurde schon verwendet. Wenn Sie das waren, melden Sie sich einfach an; sonst bitten Sie um eine andere.',
    'invitation.expired': 'Diese Einladung ist abgelaufen. Bitten Sie um eine andere.',
    'invitation.late':
      'Das war für das erste Konto hier, und inzwischen gibt es eines. Melden Sie sich an oder fragen Sie, wer hier verwaltet.',
    'invitation.unfit':
      'Diese Einladung ist nicht so, wie sie sein soll. Bitten Sie um eine andere.',
  },
};
