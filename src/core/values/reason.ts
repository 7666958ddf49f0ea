/** Why something was decided: a stable code and, for operators, the rule behind it. */
import type { Message } from './message.ts';

export interface Reason {
  /** Stable, such as `group/not-member`, `session/none`, `host/unknown`. */
  readonly code: string;
  /** What was compared, in English: `needs any of staff; has guests`. No secrets. */
  readonly detail?: string;
  /** The detail for pages, in the visitor's language; omitted if it reads the same in each. */
  readonly compared?: Message;
  /** Values for the placeholders in the sentence for users: `{least}`. No secrets. */
  readonly values?: Readonly<Record<string, string | number>>;
  /** Configuration path of the rule, such as `routes[0].policies[1]`. */
  readonly rule?: string;
}

/** Longest code that is looked up, in characters. */
const MAX_CODE = 80;

/** The family of a code: `group` of `group/not-member`. */
export function familyOf(code: string): string {
  return code.replace(/\/[^]*/, '');
}

/** The sentence for users: of the code itself, else of its family, else a general one. */
export function reasonText({ code, values }: Reason): Message {
  const known = code.slice(0, MAX_CODE);
  const text = {
    key: `reason.${known}`,
    fallbacks: [`reason.${familyOf(known)}`, 'reason.other'],
  };
  return values === undefined ? text : { ...text, values };
}
