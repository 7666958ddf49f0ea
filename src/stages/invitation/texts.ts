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
      'This invitation was for the first account, and an account already exists. Sign in, or ask an administrator.',
    'invitation.unfit': 'This invitation is invalid. Ask the sender for another one.',
  },
  de: {
    'invitation.none':
      'Hier geht es nur mit einer Einladung weiter. Öffnen Sie den Link, den Sie erhalten haben, oder bitten Sie um eine Einladung.',
    'invitation.unknown':
      'Diese Einladung ist hier nicht bekannt. Öffnen Sie den Link genau so, wie Sie ihn erhalten haben, oder bitten Sie um einen neuen.',
    'invitation.spent':
      'Diese Einladung wurde bereits verwendet. Wenn Sie das waren, melden Sie sich einfach an. Andernfalls bitten Sie um eine neue.',
    'invitation.expired': 'Diese Einladung ist abgelaufen. Bitten Sie um eine neue.',
    'invitation.late':
      'Diese Einladung war für das erste Konto bestimmt, und das gibt es inzwischen. Melden Sie sich an oder wenden Sie sich an die Administration.',
    'invitation.unfit': 'Diese Einladung ist fehlerhaft. Bitten Sie um eine neue.',
  },
};
