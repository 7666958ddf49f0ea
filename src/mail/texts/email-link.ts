/** The email with a link, and a code for readers who cannot open it there. */
import type { EmailTemplate } from '../../core/flow/email-template.ts';
import { CODE, link, page, paragraph } from '../page.ts';

export const emailLink: Readonly<Record<string, EmailTemplate>> = {
  en: {
    subject: '{topic}: your link for {site}',
    text: `{purpose}

Open this link to continue at {site}:

{link}

Or enter this code on the page where you made the request:

{code}

Both expire after {minutes} minutes and work once.

{origin}
{advice}
`,
    html: page('en', '{topic}', [
      paragraph('{purpose}'),
      link('Continue at {site}'),
      paragraph('Or enter this code on the page where you made the request:'),
      CODE,
      paragraph('Both expire after {minutes} minutes and work once.'),
      paragraph('{origin}', 'small'),
      paragraph('{advice}', 'small'),
    ]),
  },
  de: {
    subject: '{topic}: Ihr Link für {site}',
    text: `{purpose}

Öffnen Sie diesen Link, um bei {site} fortzufahren:

{link}

Oder geben Sie diesen Code auf der Seite ein, von der die Anfrage kam:

{code}

Beides gilt {minutes} Minuten und nur einmal.

{origin}
{advice}
`,
    html: page('de', '{topic}', [
      paragraph('{purpose}'),
      link('Bei {site} fortfahren'),
      paragraph('Oder geben Sie diesen Code auf der Seite ein, von der die Anfrage kam:'),
      CODE,
      paragraph('Beides gilt {minutes} Minuten und nur einmal.'),
      paragraph('{origin}', 'small'),
      paragraph('{advice}', 'small'),
    ]),
  },
};
