/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.attribute': 'Your account does not have a required attribute.',
    'reason.attribute/excluded': 'An attribute of your account excludes it from access.',
    'detail.attribute/excluded': '{comparison}',
    'detail.attribute/needed': 'needs {comparison}',
  },
  de: {
    'reason.attribute': 'Ihrem Konto fehlt ein erforderliches Merkmal.',
    'reason.attribute/excluded': 'Ein Merkmal Ihres Kontos schließt den Zugriff aus.',
    'detail.attribute/excluded': '{comparison}',
    'detail.attribute/needed': 'erforderlich: {comparison}',
  },
};
