/** Emails as HTML, as mail readers show them. */
import type { Body } from '../../src/core/request/dialect.ts';
import { fillTemplate, EMAIL_VALUES } from '../../src/core/flow/email-template.ts';
import type { Occasion } from '../../src/core/flow/mail.ts';
import { occasionValues } from '../../src/mail/occasion.ts';
import { templateFor, templatesWith } from '../../src/mail/templates.ts';

/** What a mail reader permits in an email: inline styles only. */
export const OF_EMAILS = "default-src 'none'; style-src 'unsafe-inline'";

const OCCASION: Occasion = {
  designation: 'recovery',
  account: 'ann',
  browser: 'Firefox (Windows)',
  address: '203.0.113.9',
};

/** All of them, by email and language. */
export function emailPages(site: string): Readonly<Record<string, Body>> {
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
    Object.keys(EMAIL_VALUES).flatMap((email) =>
      ['en', 'de'].map((language) => {
        const template = templateFor(templates, email, language);
        if (template === null) throw new Error(`no email ${email}`);
        const text = fillTemplate(template, {
          ...values,
          ...occasionValues(OCCASION, language),
        }).html;
        return [`email-${email}-${language}`, { type: 'text/html; charset=utf-8', text }];
      }),
    ),
  );
}
