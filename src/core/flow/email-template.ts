/**
 * Emails as text: what a template may say, and filling it in. A value can neither end a header nor
 * become markup, whoever wrote the template. Pure.
 */

/** What was asked for, from where, and what to do when the reader did not ask. */
const OCCASION = ['topic', 'purpose', 'origin', 'advice'];

/** The emails there are, and the values each is given. */
export const EMAIL_VALUES: Readonly<Record<string, readonly string[]>> = {
  'email-code': ['code', 'site', 'minutes', ...OCCASION],
  'email-link': ['link', 'code', 'site', 'minutes', ...OCCASION],
  'factor-locked': ['account', 'site', 'time', ...OCCASION],
};

/** What an email is of no use without. */
const NEEDED: Readonly<Record<string, string>> = {
  'email-code': 'code',
  'email-link': 'link',
  'factor-locked': 'account',
};
/** Longest subject, in characters, values included. */
const MAX_SUBJECT = 200;
const FILE = /^(.+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2})\.(txt|html)$/;
const PLACE = /\{([a-z]+)\}/g;

/** An email in one language. */
export interface EmailTemplate {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a file name stands for: `email-code.en.txt`; null for any other name. */
export function templateFile(
  name: string,
): { readonly email: string; readonly language: string; readonly form: 'txt' | 'html' } | null {
  const [, email = '', language = '', form] = FILE.exec(name) ?? [];
  if (!Object.hasOwn(EMAIL_VALUES, email) || (form !== 'txt' && form !== 'html')) return null;
  return { email, language: language.toLowerCase(), form };
}

/** What is wrong with a template's text, in an operator's words; null when it can be used. */
export function templateFault(email: string, form: 'txt' | 'html', written: string): string | null {
  const known = EMAIL_VALUES[email] ?? [];
  for (const [, name = ''] of written.matchAll(PLACE)) {
    if (!known.includes(name)) {
      return `there is no {${name}} in this email, expected ${known.map((k) => `{${k}}`).join(', ')}`;
    }
  }
  const needed = NEEDED[email] ?? '';
  const body = form === 'txt' ? textParts(written)?.text : written;
  if (body === undefined)
    return 'expected a first line such as Subject: Your code, then an empty one';
  return body.includes(`{${needed}}`) ? null : `says {${needed}} nowhere, so nobody could use it`;
}

/** `Subject: …`, an empty line, the text; null for anything else. */
export function textParts(
  written: string,
): { readonly subject: string; readonly text: string } | null {
  const lines = written.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const [, subject, text] = /^Subject: *(\S[^\n\p{C}]*)\n[ \t]*\n(.*)$/su.exec(lines) ?? [];
  return subject === undefined || text === undefined || subject.length > MAX_SUBJECT
    ? null
    : { subject, text };
}

/** The email with its values in their places. */
export function fillTemplate(
  template: EmailTemplate,
  values: Readonly<Record<string, string>>,
): EmailTemplate {
  const plain = (name: string): string =>
    (Object.hasOwn(values, name) ? (values[name] ?? '') : '').replace(/\p{C}+/gu, ' ');
  return {
    subject: fill(template.subject, plain)
      .replace(/\p{C}+/gu, ' ')
      .slice(0, MAX_SUBJECT),
    text: fill(template.text, plain),
    html: fill(template.html, (name) => escaped(plain(name))),
  };
}

function fill(text: string, say: (name: string) => string): string {
  return text.replace(PLACE, (_, name: string) => say(name));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
}
