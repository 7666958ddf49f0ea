/** The letter with a link, and a code for those who cannot open it there. */
import type { LetterTemplate } from '../../core/letter-template.ts';
import { CODE, link, page, paragraph } from '../page.ts';

export const emailLink: Readonly<Record<string, LetterTemplate>> = {
  en: {
    subject: 'Your link for {site}',
    text: `Open this link to go on with {site}:

{link}

Or enter this code on the page that asked for it:

{code}

Either is good for {minutes} minutes and works once.

If you have not asked for it, you need not do anything.
`,
    html: page('en', 'Your link for {site}', [
      link('Open this link to go on with {site}'),
      paragraph('Or enter this code on the page that asked for it:'),
      CODE,
      paragraph('Either is good for {minutes} minutes and works once.'),
      paragraph('If you have not asked for it, you need not do anything.', 'small'),
    ]),
  },
  de: {
    subject: 'Ihr Link für {site}',
    text: `Öffnen Sie diesen Link, um bei {site} weiterzumachen:

{link}

Oder geben Sie diesen Code auf der Seite ein, die danach gefragt hat:

{code}

Beides gilt {minutes} Minuten und nur einmal.

Wenn Sie das nicht angefordert haben, müssen Sie nichts tun.
`,
    html: page('de', 'Ihr Link für {site}', [
      link('Öffnen Sie diesen Link, um bei {site} weiterzumachen'),
      paragraph('Oder geben Sie diesen Code auf der Seite ein, die danach gefragt hat:'),
      CODE,
      paragraph('Beides gilt {minutes} Minuten und nur einmal.'),
      paragraph('Wenn Sie das nicht angefordert haben, müssen Sie nichts tun.', 'small'),
    ]),
  },
};
