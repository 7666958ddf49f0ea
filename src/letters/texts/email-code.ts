/** The letter with a code. */
import type { LetterTemplate } from '../../core/letter-template.ts';
import { CODE, page, paragraph } from '../page.ts';

export const emailCode: Readonly<Record<string, LetterTemplate>> = {
  en: {
    subject: 'Your code for {site}',
    text: `Your code for {site} is:

{code}

It is good for {minutes} minutes and works once. Enter it on the page that asked for it, and tell it to nobody.

If you have not asked for it, you need not do anything.
`,
    html: page('en', 'Your code for {site}', [
      CODE,
      paragraph(
        'It is good for {minutes} minutes and works once. Enter it on the page that asked for it, and tell it to nobody.',
      ),
      paragraph('If you have not asked for it, you need not do anything.', 'small'),
    ]),
  },
  de: {
    subject: 'Ihr Code für {site}',
    text: `Ihr Code für {site} lautet:

{code}

Er gilt {minutes} Minuten und nur einmal. Geben Sie ihn auf der Seite ein, die danach gefragt hat, und verraten Sie ihn niemandem.

Wenn Sie ihn nicht angefordert haben, müssen Sie nichts tun.
`,
    html: page('de', 'Ihr Code für {site}', [
      CODE,
      paragraph(
        'Er gilt {minutes} Minuten und nur einmal. Geben Sie ihn auf der Seite ein, die danach gefragt hat, und verraten Sie ihn niemandem.',
      ),
      paragraph('Wenn Sie ihn nicht angefordert haben, müssen Sie nichts tun.', 'small'),
    ]),
  },
};
