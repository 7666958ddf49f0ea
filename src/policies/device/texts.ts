/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.device': 'Access is limited to devices that have been used here before.',
    'reason.device/new':
      'Access is limited to devices that have been used here for some time. This device is too new.',
    'reason.device/stale':
      'Access is limited to devices that have been used here recently. This device has not been used for too long.',
    'detail.device/new': 'known since {time}',
    'detail.device/stale': 'last used {time}',
  },
  de: {
    'reason.device': 'Zugriff haben nur Geräte, die hier schon einmal verwendet wurden.',
    'reason.device/new':
      'Zugriff haben nur Geräte, die hier schon länger verwendet werden. Dieses Gerät ist noch zu neu.',
    'reason.device/stale':
      'Zugriff haben nur Geräte, die hier vor Kurzem verwendet wurden. Dieses Gerät wurde zu lange nicht verwendet.',
    'detail.device/new': 'bekannt seit {time}',
    'detail.device/stale': 'zuletzt verwendet: {time}',
  },
};
