/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.time': 'Access is closed at this time.',
    'reason.time/other-date': 'Access is limited to certain dates, and today is not one of them.',
    'reason.time/other-day':
      'Access is limited to certain days of the week, and today is not one of them.',
    'reason.time/other-hours': 'Access is limited to certain hours of the day.',
    'detail.time/closed': 'needs {needed}; it is {now}',
  },
  de: {
    'reason.time': 'Zu dieser Zeit ist kein Zugriff möglich.',
    'reason.time/other-date':
      'Der Zugriff ist auf bestimmte Tage beschränkt, und heute ist keiner davon.',
    'reason.time/other-day':
      'Der Zugriff ist auf bestimmte Wochentage beschränkt, und heute ist keiner davon.',
    'reason.time/other-hours': 'Der Zugriff ist auf bestimmte Uhrzeiten beschränkt.',
    'detail.time/closed': 'erforderlich: {needed}; jetzt ist {now}',
  },
};
