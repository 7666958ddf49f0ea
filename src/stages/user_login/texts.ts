/** Texts of the question whether to stay signed in. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'user_login.title': 'Stay signed in on this device?',
    'user_login.lead': 'Choose yes only if you are the only user of this browser.',
    'user_login.choice': 'Stay signed in?',
    'user_login.yes.days': 'Yes, for {count, plural, one {a day} other {# days}}',
    'user_login.yes.hours': 'Yes, for {count, plural, one {an hour} other {# hours}}',
    'user_login.no': 'No',
    'user_login.submit': 'Next',
  },
  de: {
    'user_login.title': 'Auf diesem Gerät angemeldet bleiben?',
    'user_login.lead': 'Wählen Sie nur dann Ja, wenn niemand außer Ihnen diesen Browser verwendet.',
    'user_login.choice': 'Angemeldet bleiben?',
    'user_login.yes.days': 'Ja, {count, plural, one {einen Tag} other {# Tage}} lang',
    'user_login.yes.hours': 'Ja, {count, plural, one {eine Stunde} other {# Stunden}} lang',
    'user_login.no': 'Nein',
    'user_login.submit': 'Weiter',
  },
};
