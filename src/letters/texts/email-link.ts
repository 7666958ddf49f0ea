/** The letter with a link, and a code for those who cannot open it there. */
import type { LetterTemplate } from '../../core/letter-template.ts';
import { page } from '../page.ts';

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
    html: page('en', [
      '<a href="{link}">Open this link to go on with {site}</a>',
      'Or enter this code on the page that asked for it:',
      '<strong>{code}</strong>',
      'Either is good for {minutes} minutes and works once.',
      'If you have not asked for it, you need not do anything.',
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
    html: page('de', [
      '<a href="{link}">Öffnen Sie diesen Link, um bei {site} weiterzumachen</a>',
      'Oder geben Sie diesen Code auf der Seite ein, die danach gefragt hat:',
      '<strong>{code}</strong>',
      'Beides gilt {minutes} Minuten und nur einmal.',
      'Wenn Sie das nicht angefordert haben, müssen Sie nichts tun.',
    ]),
  },
};
