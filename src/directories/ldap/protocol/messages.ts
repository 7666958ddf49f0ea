/** Messages of a server (RFC 4511). Everything in them is bounded and unexpected forms are refused. */
import {
  BadAnswer,
  type Element,
  elementsOf,
  ENUMERATED,
  INTEGER,
  OCTETS,
  SEQUENCE,
  SET,
} from './ber.ts';
import { PASSWORD_POLICY } from './requests.ts';

/** Most values of an attribute, and most attributes of an entry. */
const MAX_VALUES = 4000;
const MAX_ATTRIBUTES = 500;

/** An entry. Attribute names are in lower case. */
export interface Entry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** The end of an operation. */
export interface Result {
  /** https://www.rfc-editor.org/rfc/rfc4511#appendix-A.1 */
  readonly code: number;
  /** The server's explanation, at most 500 bytes without control characters. */
  readonly text: string;
  /** Values of the response's controls by OID. */
  readonly controls: ReadonlyMap<string, Buffer>;
}

/** A message for the request with this id. A referral to another server is `null`: none is followed. */
export interface Answer {
  readonly id: number;
  readonly content: { readonly entry: Entry } | { readonly tag: number; result: Result } | null;
}

const CONTROLS = 0xa0;
const ENTRY = 0x64;
const REFERENCE = 0x73;
const INTERMEDIATE = 0x79;
/** Tags of results. */
export const BIND_DONE = 0x61;
export const SEARCH_DONE = 0x65;
export const MODIFY_DONE = 0x67;
export const EXTENDED_DONE = 0x78;
const RESULTS: readonly number[] = [BIND_DONE, SEARCH_DONE, MODIFY_DONE, EXTENDED_DONE];

/** Reads the content of a message. Throws BadAnswer. */
export function parseAnswer(content: Buffer): Answer {
  const [id, operation, controls, ...more] = elementsOf(content, 3);
  if (id?.tag !== INTEGER || operation === undefined || more.length > 0) {
    throw new BadAnswer('no LDAP message');
  }
  return { id: numberIn(id), content: contentOf(operation, controls) };
}

function contentOf(operation: Element, controls: Element | undefined): Answer['content'] {
  const { tag, content } = operation;
  if (tag === ENTRY) return { entry: entryOf(content) };
  if (tag === REFERENCE || tag === INTERMEDIATE) return null;
  if (!RESULTS.includes(tag)) throw new BadAnswer('an unknown answer');
  const [code, matched, text] = elementsOf(content, 16);
  if (code?.tag !== ENUMERATED || matched?.tag !== OCTETS || text?.tag !== OCTETS) {
    throw new BadAnswer('a result without a code');
  }
  const result = {
    code: numberIn(code),
    text: withoutControls(text.content.toString('utf8', 0, 500)),
    controls: controlsIn(controls),
  };
  return { tag, result };
}

/** Text of a server that may be shown on a terminal, where control characters are commands. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

function entryOf(content: Buffer): Entry {
  const [dn, list, ...more] = elementsOf(content, 2);
  const hasName = dn?.tag === OCTETS && dn.content.length > 0;
  if (!hasName || list?.tag !== SEQUENCE || more.length > 0) {
    throw new BadAnswer('an entry without a name');
  }
  const attributes = new Map<string, readonly Buffer[]>();
  for (const attribute of elementsOf(list.content, MAX_ATTRIBUTES)) {
    const [type, values] = elementsOf(attribute.content, 2);
    if (type?.tag !== OCTETS || values?.tag !== SET) throw new BadAnswer('no attribute');
    const key = type.content.toString('latin1').toLowerCase();
    if (attributes.has(key)) throw new BadAnswer('an attribute that is there twice');
    attributes.set(
      key,
      elementsOf(values.content, MAX_VALUES).map((value) => {
        if (value.tag !== OCTETS) throw new BadAnswer('a value that is no text');
        return value.content;
      }),
    );
  }
  return { dn: dn.content.toString(), attributes };
}

function controlsIn(element: Element | undefined): ReadonlyMap<string, Buffer> {
  const controls = new Map<string, Buffer>();
  if (element?.tag !== CONTROLS) return controls;
  for (const control of elementsOf(element.content, 32)) {
    const [oid, ...rest] = elementsOf(control.content, 3);
    const value = rest.find(({ tag }) => tag === OCTETS);
    if (oid?.tag === OCTETS) controls.set(oid.content.toString('latin1'), value?.content ?? EMPTY);
  }
  return controls;
}

const EMPTY = Buffer.alloc(0);

/** The error in the value of the control about the password policy. */
const POLICY_ERROR = 0x81;

/** What the server's password policy says (draft-behera-ldap-password-policy, section 6.2), or null. */
export function policyError({ controls }: Result): number | null {
  const value = controls.get(PASSWORD_POLICY);
  const [sequence] = value === undefined ? [] : elementsOf(value, 1);
  const parts = sequence === undefined ? [] : elementsOf(sequence.content, 2);
  return parts.find(({ tag }) => tag === POLICY_ERROR)?.content[0] ?? null;
}

function numberIn({ content }: Element): number {
  if (content.length < 1 || content.length > 4) throw new BadAnswer('a number of a wrong size');
  return content.readIntBE(0, content.length);
}
