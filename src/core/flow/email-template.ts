/**
 * Email templates: the placeholders they may contain, and filling them in. A value can neither end a
 * header nor become markup, whatever the template. Pure.
 */

/** What was requested, from where, and what to do if the reader did not request it. */
const OCCASION = ['topic', 'purpose', 'origin', 'advice'];

/** All emails, with the values of each. */
export const EMAIL_VALUES: Readonly<Record<string, readonly string[]>> = {
  'email-code': ['code', 'site', 'minutes', ...OCCASION],
  'email-link': ['link', 'code', 'site', 'minutes', ...OCCASION],
  'factor-locked': ['account', 'site', 'time', ...OCCASION],
  'token-created': ['account', 'site', 'time', ...OCCASION],
  'account-exists': ['account', 'site', ...OCCASION],
  invitation: ['link', 'site', 'until'],
};

/** The value without which an email is useless. */
const NEEDED: Readonly<Record<string, string>> = {
  'email-code': 'code',
  'email-link': 'link',
  'factor-locked': 'account',
  'token-created': 'account',
  'account-exists': 'account',
  invitation: 'link',
};
/** Longest subject, in characters, values included. */
const MAX_SUBJECT = 200;
const FILE = /^(.+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2})\.(txt|html)$/;
const SLOT = /\{([a-z]+)\}/g;

/** An email in one language. */
export interface EmailTemplate {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Parses a file name such as `email-code.en.txt`; null for any other name. */
export function templateFile(
  name: string,
): { readonly email: string; readonly language: string; readonly form: 'txt' | 'html' } | null {
  const [, email = '', language = '', form] = FILE.exec(name) ?? [];
  if (!Object.hasOwn(EMAIL_VALUES, email) || (form !== 'txt' && form !== 'html')) return null;
  return { email, language: language.toLowerCase(), form };
}

/** What is wrong with a template, for operators; null if it is valid. */
export function templateFault(email: string, form: 'txt' | 'html', written: string): string | null {
  const known = EMAIL_VALUES[email] ?? [];
  for (const [, name = ''] of written.matchAll(SLOT)) {
    if (!known.includes(name)) {
      return `this email has no {${name}}, expected ${known.map((k) => `{${k}}`).join(', ')}`;
    }
  }
  const needed = NEEDED[email] ?? '';
  const body = form === 'txt' ? textParts(written)?.text : written;
  if (body === undefined)
    return 'expected a first line such as "Subject: Your code", then an empty line';
  return body.includes(`{${needed}}`)
    ? null
    : `must contain {${needed}}; the email is useless without it`;
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

/** The email with its values filled in. */
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
  return text.replace(SLOT, (_, name: string) => say(name));
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
