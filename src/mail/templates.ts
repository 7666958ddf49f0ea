/** Chooses the template of an email: the operator's if it exists, otherwise ours. Pure. */
import { type EmailTemplate, templateFile, textParts } from '../core/flow/email-template.ts';
import { accountExists } from './texts/account-exists.ts';
import { emailCode } from './texts/email-code.ts';
import { emailLink } from './texts/email-link.ts';
import { factorLocked } from './texts/factor-locked.ts';
import { invitation } from './texts/invitation.ts';
import { tokenCreated } from './texts/token-created.ts';

/** Email → language → template. */
export type Templates = ReadonlyMap<string, ReadonlyMap<string, EmailTemplate>>;

/** Our templates, overridden by the operator's files, which the linker has checked. */
export function templatesWith(files: Readonly<Record<string, string>>): Templates {
  const all = new Map([
    ['email-code', new Map(Object.entries(emailCode))],
    ['email-link', new Map(Object.entries(emailLink))],
    ['factor-locked', new Map(Object.entries(factorLocked))],
    ['token-created', new Map(Object.entries(tokenCreated))],
    ['invitation', new Map(Object.entries(invitation))],
    ['account-exists', new Map(Object.entries(accountExists))],
  ]);
  for (const [name, written] of Object.entries(files)) {
    const file = templateFile(name);
    const parts = file?.form === 'txt' ? textParts(written) : null;
    const html = files[name.replace(/txt$/, 'html')];
    if (file === null || parts === null || html === undefined) continue;
    all.get(file.email)?.set(file.language, { ...parts, html });
  }
  return all;
}

/** In this language, or the one it belongs to (`de` for `de-AT`), or English; null for no such email. */
export function templateFor(
  templates: Templates,
  email: string,
  language: string,
): EmailTemplate | null {
  const known = templates.get(email);
  const tag = language.toLowerCase();
  return known?.get(tag) ?? known?.get(tag.split('-')[0] ?? '') ?? known?.get('en') ?? null;
}
