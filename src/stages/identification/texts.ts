/** Words of the identification stage. The refusal names neither name nor password as the wrong one. */
import type { Texts } from '../../core/message.ts';

export const texts: Texts = {
  en: {
    'identification.login.username': 'Username',
    'identification.login.email': 'Email address',
    'identification.login.either': 'Username or email address',
    'identification.login.missing': 'Enter the name or address you sign in with.',
    'identification.password': 'Password',
    'identification.next': 'Next',
    'identification.sign-in': 'Sign in',
    'identification.incomplete': 'Something is missing in this form.',
    'identification.wrong': 'That name and password do not go together. Check both and try again.',
    'identification.busy': 'Many people are signing in right now. Please try again in a moment.',
    'identification.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
  },
};
