/** The email with a code. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { CODE, page, paragraph } from '../page.ts';

export const emailCode: Readonly<Record<string, EmailTemplate>> = {
  en: {
    subject: '{topic}: your code for {site}',
    text: `{purpose}

Your code for {site} is:

{code}

It expires after {minutes} minutes and works once. Enter it only on the page where you made the request, and never share it.

{origin}
{advice}
`,
    html: page('en', '{topic}', [
      paragraph('{purpose}'),
      paragraph('Your code for {site} is:'),
      CODE,
      paragraph(
        'It expires after {minutes} minutes and works once. Enter it only on the page where you made the request, and never share it.',
      ),
      paragraph('{origin}', 'small'),
      paragraph('{advice}', 'small'),
    ]),
  },
  de: {
    subject: '{topic}: Ihr Code für {site}',
    text: `{purpose}

Ihr Code für {site} lautet:

{code}

Er gilt {minutes} Minuten und nur einmal. Geben Sie ihn nur auf der Seite ein, von der die Anfrage kam, und geben Sie ihn nie weiter.

{origin}
{advice}
`,
    html: page('de', '{topic}', [
      paragraph('{purpose}'),
      paragraph('Ihr Code für {site} lautet:'),
      CODE,
      paragraph(
        'Er gilt {minutes} Minuten und nur einmal. Geben Sie ihn nur auf der Seite ein, von der die Anfrage kam, und geben Sie ihn nie weiter.',
      ),
      paragraph('{origin}', 'small'),
      paragraph('{advice}', 'small'),
    ]),
  },
};
