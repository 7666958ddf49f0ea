/** Letters as HTML, as the readers of mail show them. */
import type { Body } from '../../src/core/request/dialect.ts';
import { fillLetter, LETTERS } from '../../src/core/flow/letter-template.ts';
import type { Occasion } from '../../src/core/flow/mail.ts';
import { occasionValues } from '../../src/letters/occasion.ts';
import { templateFor, templatesWith } from '../../src/letters/templates.ts';

/** What a mail reader lets a letter do: wear the styles that it brings itself. */
export const OF_LETTERS = "default-src 'none'; style-src 'unsafe-inline'";

const OCCASION: Occasion = {
  designation: 'recovery',
  account: 'ann',
  browser: 'Firefox (Windows)',
  address: '203.0.113.9',
};

/** All of them, by letter and language. */
export function letterPages(site: string): Readonly<Record<string, Body>> {
  const values = {
    code: '123456',
    link: 'https://auth.example.com/flow/login?plan=RXhhbXBsZQ&link=bm9ib2R5',
    site,
    minutes: '15',
    account: 'ann',
    time: '2026-11-27 09:30 UTC',
  };
  const templates = templatesWith({});
  return Object.fromEntries(
    Object.keys(LETTERS).flatMap((letter) =>
      ['en', 'de'].map((language) => {
        const template = templateFor(templates, letter, language);
        if (template === null) throw new Error(`no letter ${letter}`);
        const text = fillLetter(template, {
          ...values,
          ...occasionValues(OCCASION, language),
        }).html;
        return [`letter-${letter}-${language}`, { type: 'text/html; charset=utf-8', text }];
      }),
    ),
  );
}
