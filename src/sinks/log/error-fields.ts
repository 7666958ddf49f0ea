/** An error as log fields: what it says and where, and nothing it carries (commands, requests, answers). */
import { fieldsOf } from '../../core/values/record.ts';

/** An error and what caused it. */
export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

const LONGEST_MESSAGE = 1024;
const LONGEST_STACK = 4096;
const DEEPEST = 4;

/** The fields; credentials in URLs are taken out. Anything that is no error becomes its kind. */
export function errorFields(thrown: unknown, depth = 0): ErrorFields {
  if (!(thrown instanceof Error)) {
    return {
      name: 'NotAnError',
      message: typeof thrown === 'string' ? scrub(thrown) : typeof thrown,
    };
  }
  const { code } = fieldsOf(thrown);
  return {
    name: thrown.name,
    message: scrub(thrown.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(thrown.stack === undefined ? {} : { stack: scrub(thrown.stack, LONGEST_STACK) }),
    ...(thrown.cause === undefined || depth >= DEEPEST
      ? {}
      : { cause: errorFields(thrown.cause, depth + 1) }),
  };
}

function scrub(text: string, longest = LONGEST_MESSAGE): string {
  return text.slice(0, longest).replace(/:\/\/[^\s/@]*@/g, '://…@');
}
