/**
 * Emailed codes of six digits: made, stored as a keyed one-way name, and compared. A code is valid in
 * one plan, for a limited time, once. Pure; never stores the digits.
 */

import type { Email } from '../flow/mail.ts';
import type { Json } from '../values/json.ts';
import { nfkc } from '../values/normal-form.ts';
import { fieldsOf } from '../values/record.ts';
import type { Marks, Random, Vault } from '../values/system.ts';

const DIGITS = 6;
/** How long a code is valid, in milliseconds. */
const LASTS = 10 * 60_000;
/** Minimum time between two emails, in milliseconds. */
const PAUSE = 30_000;
/** Maximum number of emails of one stage in one run. */
const MOST = 5;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** What a plan stores about a code. Times are epoch milliseconds. */
export interface MailedCode {
  readonly to: string;
  /** Random, so that equal digits have different names; also the name of the single-use mark. */
  readonly salt: string;
  readonly name: string;
  readonly sentAt: number;
  readonly endsAt: number;
  /** Number of emails so far. */
  readonly count: number;
}

/** What making a code needs. */
export interface CodePorts {
  readonly random: Random;
  readonly vault: Pick<Vault, 'sign' | 'verify'>;
}

/** A new code for this plan, and the email that contains it. */
export function mailCode(
  ports: CodePorts,
  about: {
    readonly planId: string;
    readonly to: string;
    readonly now: number;
    readonly site: string;
    readonly language: string;
    /** The previous code, if any. */
    readonly before: MailedCode | null;
    /** How long it is valid, in milliseconds; ten minutes by default. */
    readonly lasts?: number;
  },
): { readonly kept: MailedCode; readonly email: Email } {
  const { planId, to, now, before, lasts = LASTS } = about;
  const salt = ports.random.token(16);
  const code = digitsOf(ports.random.token(16));
  const name = ports.vault.sign('mailed-code', `${planId}|${salt}|${to}|${code}`);
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

/** Whether these are the digits that were sent; true only once. Call it inside `ctx.prove`. */
export async function takeMailedCode(
  ports: { readonly vault: Pick<Vault, 'verify'>; readonly marks: Marks },
  kept: MailedCode | null,
  { planId, typed, now }: { readonly planId: string; readonly typed: string; readonly now: number },
): Promise<boolean> {
  if (kept === null || now >= kept.endsAt) return false;
  const bound = `${planId}|${kept.salt}|${kept.to}|${typed}`;
  if (!ports.vault.verify('mailed-code', bound, kept.name)) return false;
  return ports.marks.take(`mailed-code:${kept.salt}`, kept.endsAt);
}

/** Whether another email may be sent now. */
export function mayMailAgain(kept: MailedCode | null, now: number): boolean {
  return kept === null || (kept.count < MOST && now - kept.sentAt >= PAUSE);
}

/** Reads what a plan stored; null for anything else. */
export function mailedCode(value: Json | undefined): MailedCode | null {
  const { to, salt, name, sentAt, endsAt, count } = fieldsOf(value);
  const isWhole =
    typeof to === 'string' &&
    typeof salt === 'string' &&
    typeof name === 'string' &&
    typeof sentAt === 'number' &&
    typeof endsAt === 'number' &&
    typeof count === 'number';
  return isWhole ? { to, salt, name, sentAt, endsAt, count } : null;
}

/** An address as it may be shown to a user who is not fully verified. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '•••' : `${address.slice(0, 1)}•••${address.slice(at)}`;
}

/** A code as typed, without the spaces and dashes that users copy with it. */
export function typedCode(text: string): string {
  return nfkc(text).replace(/[\s\p{Pd}]/gu, '');
}

/** The token's 132 bits modulo a million: no code is more likely than another by more than 2^-110. */
function digitsOf(token: string): string {
  let rest = 0;
  for (const digit of token) rest = (rest * 64 + ALPHABET.indexOf(digit)) % 10 ** DIGITS;
  return String(rest).padStart(DIGITS, '0');
}
