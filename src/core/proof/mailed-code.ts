/**
 * Six digits sent by mail: made, remembered as a keyed one-way name, compared. They are good in one
 * plan, for a while, once. Pure; never keeps the digits.
 */
import type { Json } from '../values/json.ts';
import type { Email } from '../flow/mail.ts';
import { nfkc } from '../values/normal-form.ts';
import type { Marks, Random, Vault } from '../values/system.ts';

const DIGITS = 6;
/** How long a code is good for, in milliseconds. */
const LASTS = 10 * 60_000;
/** Pause before another email is sent, in milliseconds. */
const PAUSE = 30_000;
/** Most emails of one stage in one run. */
const MOST = 5;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** What a plan remembers of a code. Times are epoch milliseconds. */
export interface MailedCode {
  readonly to: string;
  /** Random, so that the same digits never have the same name; its mark is taken under it. */
  readonly salt: string;
  readonly name: string;
  readonly sentAt: number;
  readonly endsAt: number;
  /** Emails so far. */
  readonly count: number;
}

/** What is needed to make one. */
export interface CodeTools {
  readonly random: Random;
  readonly vault: Pick<Vault, 'sign' | 'verify'>;
}

/** A new code for this plan, and the email that tells it. */
export function mailCode(
  tools: CodeTools,
  about: {
    readonly planId: string;
    readonly to: string;
    readonly now: number;
    readonly site: string;
    readonly language: string;
    /** The one before, if any. */
    readonly before: MailedCode | null;
    /** How long it is good for, in milliseconds; ten minutes unless told. */
    readonly lasts?: number;
  },
): { readonly kept: MailedCode; readonly email: Email } {
  const { planId, to, now, before, lasts = LASTS } = about;
  const salt = tools.random.token(16);
  const code = digitsOf(tools.random.token(16));
  const name = tools.vault.sign('mailed-code', `${planId}|${salt}|${to}|${code}`);
  const count = (before?.count ?? 0) + 1;
  const values = {
    code,
    site: about.site,
    minutes: String(Math.max(1, Math.floor(lasts / 60_000))),
  };
  return {
    kept: { to, salt, name, sentAt: now, endsAt: now + lasts, count },
    email: { to, template: 'email-code', values, language: about.language },
  };
}

/** Whether these digits are the ones that were sent; true once. To be called inside `ctx.prove`. */
export async function takeMailedCode(
  tools: { readonly vault: Pick<Vault, 'verify'>; readonly marks: Marks },
  kept: MailedCode | null,
  planId: string,
  typed: string,
  now: number,
): Promise<boolean> {
  if (kept === null || now >= kept.endsAt) return false;
  const bound = `${planId}|${kept.salt}|${kept.to}|${typed}`;
  if (!tools.vault.verify('mailed-code', bound, kept.name)) return false;
  return tools.marks.take(`mailed-code:${kept.salt}`, kept.endsAt);
}

/** Whether another email may go out now. */
export function mayMailAgain(kept: MailedCode | null, now: number): boolean {
  return kept === null || (kept.count < MOST && now - kept.sentAt >= PAUSE);
}

/** What a plan remembered, or null for anything else. */
export function mailedCode(value: Json | undefined): MailedCode | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { to, salt, name, sentAt, endsAt, count } = value as { readonly [key: string]: Json };
  const isWhole =
    typeof to === 'string' &&
    typeof salt === 'string' &&
    typeof name === 'string' &&
    typeof sentAt === 'number' &&
    typeof endsAt === 'number' &&
    typeof count === 'number';
  return isWhole ? { to, salt, name, sentAt, endsAt, count } : null;
}

/** An address as it may be shown to somebody who has proved only part of who they are. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '•••' : `${address.slice(0, 1)}•••${address.slice(at)}`;
}

/** A code as people type it: without the blanks and dashes they copy along. */
export function typedCode(text: string): string {
  return nfkc(text).replace(/[\s\p{Pd}]/gu, '');
}

/** The token's 132 bits, modulo a million: no digit is likelier than another by more than 2^-110. */
function digitsOf(token: string): string {
  let rest = 0;
  for (const email of token) rest = (rest * 64 + ALPHABET.indexOf(email)) % 10 ** DIGITS;
  return String(rest).padStart(DIGITS, '0');
}
