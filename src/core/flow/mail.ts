/** Mail as stages order it and mailers send it. Links in it are made from the portal's origin, never from a request. */

import type { Designation } from './designation.ts';
import type { RequestFacts } from '../request/facts.ts';

/** Longest address, in characters (RFC 5321 §4.5.3.1.3 with its erratum 1690). */
export const MAX_ADDRESS = 254;

/**
 * Whether an email can be sent there: one `@` between a name and a host, nothing that could end a
 * header, quote or list. Stricter than RFC 5322, as mail is in practice.
 */
export function isAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS || text.includes('..')) return false;
  return /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(
    text,
  );
}

/** The language somebody asked for first, for emails to them; English when they asked for none. */
export function languageOf(facts: Pick<RequestFacts, 'header'>): string {
  const first = /^\s*([a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2})\s*(?:[,;]|$)/i;
  return first.exec((facts.header('accept-language') ?? '').slice(0, 64))?.[1] ?? 'en';
}

/** What an email answers, so that its reader can tell whether they asked for it. */
export interface Occasion {
  /** Of the flow that sends it. */
  readonly designation: Designation;
  /** Sign-in name of the account; `''` while there is none. */
  readonly account: string;
  /** As `browserName` gives it; `''` for a client without a known name. */
  readonly browser: string;
  /** Canonical client address. */
  readonly address: string;
}

/** An email on its way: who asked for it is known by now. */
export interface OutgoingEmail extends Email {
  readonly occasion: Occasion;
}

/** An email before it has words: a template and its values. */
export interface Email {
  /**
   * One address, checked: exactly one `@`, no control characters, at most 254 characters. Empty for a
   * email to nobody, which costs the same and is not sent.
   */
  readonly to: string;
  /** Template name: `email-code`, `email-link` or `factor-locked`; see email-template.ts. */
  readonly template: string;
  /** Values for the template; texts are escaped where the template is HTML. */
  readonly values: Readonly<Record<string, string>>;
  /** Language tag the email should be in. */
  readonly language: string;
}

/** An email ready to be sent. */
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
