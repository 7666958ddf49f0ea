/** What users read when the policy refuses. No text may reveal which value would pass. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'reason.geo': 'You appear to be in a location that has no access.',
    'reason.geo/excluded': 'You appear to be in a location or network that is blocked.',
    'detail.geo/excluded': 'is in {place}',
    'detail.geo/not-listed': 'needs {needed}; is in {place}',
  },
  de: {
    'reason.geo': 'Von Ihrem vermutlichen Standort aus ist kein Zugriff möglich.',
    'reason.geo/excluded': 'Ihr vermutlicher Standort oder Ihr Netzwerk ist gesperrt.',
    'detail.geo/excluded': 'Standort: {place}',
    'detail.geo/not-listed': 'erforderlich: {needed}; Standort: {place}',
  },
};
