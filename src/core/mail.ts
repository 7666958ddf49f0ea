/** Mail as stages order it and mailers send it. Links in it are made from the portal's origin, never from a request. */

/** A letter before it has words: a template and its values. */
export interface Letter {
  /** One address, checked: exactly one `@`, no control characters, at most 254 characters. */
  readonly to: string;
  /** Template name: `email-code`, `email-link`, or one the operator added. */
  readonly template: string;
  /** Values for the template; texts are escaped where the template is HTML. */
  readonly values: Readonly<Record<string, string>>;
  /** Language tag the letter should be in. */
  readonly language: string;
}

/** A letter ready to be sent. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends mail. Rejects with Problem `mail/unavailable` (503); never logs a body. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}
