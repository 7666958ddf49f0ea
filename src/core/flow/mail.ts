/** Email as stages order it and mailers send it. Links are built from the portal's origin, never from a request. */

import type { RequestFacts } from '../request/facts.ts';
import type { Designation } from './designation.ts';

/** Longest address, in characters (RFC 5321 §4.5.3.1.3 with its erratum 1690). */
export const MAX_ADDRESS = 254;

/**
 * Whether an email can be sent to the address: one `@` between a name and a host, and no character
 * that ends a header, quote or list. Stricter than RFC 5322, as mail is in practice.
 */
export function isAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS || text.includes('..')) return false;
  return /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(
    text,
  );
}

/** The first language of Accept-Language, for emails to the user; English without one. */
export function languageOf(facts: Pick<RequestFacts, 'header'>): string {
  const first = /^\s*([a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2})\s*(?:[,;]|$)/i;
  return first.exec((facts.header('accept-language') ?? '').slice(0, 64))?.[1] ?? 'en';
}

/** The request that caused an email, so that its reader can tell whether they made it. */
export interface Occasion {
  /** Designation of the flow that sends it. */
  readonly designation: Designation;
  /** Username of the account; `''` if there is none yet. */
  readonly account: string;
  /** As `browserName` gives it; `''` for a client without a known name. */
  readonly browser: string;
  /** Canonical client address. */
  readonly address: string;
}

/** An email to send, with the request that caused it. */
export interface OutgoingEmail extends Email {
  readonly occasion: Occasion;
}

/** An email before it has a text: a template and its values. */
export interface Email {
  /**
   * One valid address (see `isAddress`), or empty: an email without a recipient costs the same and is
   * not sent.
   */
  readonly to: string;
  /** Template name, such as `email-code`; all are in email-template.ts. */
  readonly template: string;
  /** Values for the template; texts are escaped where the template is HTML. */
  readonly values: Readonly<Record<string, string>>;
  /** Language tag. */
  readonly language: string;
}

/** An email with its texts, ready to send. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Queues emails. `send` must not wait for the mail server: its response time would reveal which
 * accounts exist. It rejects with a Problem only if the email cannot be queued.
 */
export interface Outbox {
  /** Whether mail is configured. */
  readonly isReady: boolean;
  send(email: OutgoingEmail): Promise<void>;
}

/** Sends mail. Rejects with Problem `mail/unavailable` (503); never logs a body. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}
