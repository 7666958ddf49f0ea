/** Why an email was sent, in English. */
import type { OccasionTexts } from '../occasion-texts.ts';

export const english: OccasionTexts = {
  of: {
    authentication: {
      topic: 'Sign in',
      purpose: 'A sign-in to the account {account} was started.',
      advice:
        'If this was not you, do not use or share what is in this email. Someone else may know your password: change it and tell your administrator.',
    },
    authorization: {
      topic: 'Confirm that it is you',
      purpose: 'An app asked the account {account} for a confirmation.',
      advice:
        'If this was not you, do not use or share what is in this email. Sign out everywhere and tell your administrator.',
    },
    enrollment: {
      topic: 'Confirm your email address',
      purpose: 'A new account was requested with this email address.',
      advice: 'If this was not you, ignore this email. No account is opened without it.',
    },
    recovery: {
      topic: 'Reset your password',
      purpose: 'A new password was requested for the account {account}.',
      advice:
        'If this was not you, ignore this email: your password stays as it is. If more of them arrive, tell your administrator.',
    },
    invalidation: {
      topic: 'Sign out',
      purpose: 'A sign-out of the account {account} was started.',
      advice: 'If this was not you, ignore this email.',
    },
    unenrollment: {
      topic: 'Delete your account',
      purpose: 'The deletion of the account {account} was requested.',
      advice:
        'If this was not you, do not use or share what is in this email. Change your password and tell your administrator.',
    },
    configuration: {
      topic: 'Confirm your change',
      purpose: 'A change to how the account {account} signs in was requested.',
      advice:
        'If this was not you, do not use or share what is in this email. Change your password and tell your administrator.',
    },
  },
  origin: 'The request came from {browser} at the network address {address}.',
  originWithoutBrowser: 'The request came from the network address {address}.',
};
