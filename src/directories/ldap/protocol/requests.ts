/** Our messages to a server (RFC 4511). */
import {
  BOOLEAN,
  element,
  ENUMERATED,
  INTEGER,
  numberElement,
  OCTETS,
  SEQUENCE,
  SET,
} from './ber.ts';
import { encodeFilter, type Filter, type Values } from './filter.ts';

/** A search. Aliases are not followed. */
export interface Search {
  readonly base: string;
  readonly scope: 'base' | 'subtree';
  readonly filter: Filter;
  readonly values?: Values;
  /** Attributes to return; none if empty. */
  readonly attributes: readonly string[];
  /** Most entries; the server reports if there are more. */
  readonly most: number;
}

/** An operation, without the envelope. */
export interface Request {
  readonly operation: Buffer;
  readonly controls?: readonly Control[];
}

/** Asks for something beside the operation. A server that does not know it ignores it. */
interface Control {
  readonly oid: string;
  readonly value?: Buffer;
}

/** The message of a request. */
export function messageOf(id: number, { operation, controls = [] }: Request): Buffer {
  const listed = controls.map(({ oid, value }) =>
    element(
      SEQUENCE,
      element(OCTETS, oid),
      ...(value === undefined ? [] : [element(OCTETS, value)]),
    ),
  );
  return element(
    SEQUENCE,
    numberElement(INTEGER, id),
    operation,
    ...(listed.length === 0 ? [] : [element(0xa0, ...listed)]),
  );
}

/** Asks for the state of the password with the result (draft-behera-ldap-password-policy). */
export const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

/**
 * A simple bind. Neither must be empty: servers would report success for every user (RFC 4513, section
 * 5.1.2), or whatever the password is (section 5.1.1).
 */
export function bindRequest(dn: string, password: string): Request {
  if (dn === '' || password === '')
    throw new TypeError('a bind without a name or a password proves nothing');
  return {
    operation: element(
      0x60,
      numberElement(INTEGER, 3),
      element(OCTETS, dn),
      element(0x80, password),
    ),
    controls: [{ oid: PASSWORD_POLICY }],
  };
}

/** A search. */
export function searchRequest(search: Search, seconds: number): Request {
  const { base, scope, filter, values = {}, attributes, most } = search;
  // 1.1 is the name of no attribute; an empty list would mean all of them.
  const names = attributes.length === 0 ? ['1.1'] : attributes;
  return {
    operation: element(
      0x63,
      element(OCTETS, base),
      numberElement(ENUMERATED, scope === 'base' ? 0 : 2),
      numberElement(ENUMERATED, 0),
      numberElement(INTEGER, most),
      numberElement(INTEGER, seconds),
      element(BOOLEAN, Buffer.from([0])),
      encodeFilter(filter, values),
      element(SEQUENCE, ...names.map((name) => element(OCTETS, name))),
    ),
  };
}

/** The operation with which servers set a password and hash it themselves (RFC 3062). */
const MODIFY_PASSWORD = '1.3.6.1.4.1.4203.1.11.1';

/** Sets the password of an entry. */
export function modifyPasswordRequest(dn: string, password: string): Request {
  const values = element(SEQUENCE, element(0x80, dn), element(0x82, password));
  return {
    operation: element(0x77, element(0x80, MODIFY_PASSWORD), element(0x81, values)),
    controls: [{ oid: PASSWORD_POLICY }],
  };
}

/** Has Active Directory compare the password with former ones, as it does when users change their own. */
const POLICY_HINTS = {
  oid: '1.2.840.113556.1.4.2239',
  value: element(SEQUENCE, Buffer.from([2, 1, 1])),
};
const REPLACE = 2;

/** Replaces `unicodePwd`: Active Directory takes the password in quotation marks, as UTF-16 (MS-ADTS, 3.1.1.3.1.5). */
export function unicodePasswordRequest(dn: string, password: string): Request {
  const value = Buffer.from(`"${password}"`, 'utf16le');
  const attribute = element(
    SEQUENCE,
    element(OCTETS, 'unicodePwd'),
    element(SET, element(OCTETS, value)),
  );
  const change = element(SEQUENCE, numberElement(ENUMERATED, REPLACE), attribute);
  return {
    operation: element(0x66, element(OCTETS, dn), element(SEQUENCE, change)),
    controls: [POLICY_HINTS],
  };
}

/** Begins TLS (RFC 4511, section 4.14). */
export const START_TLS: Request = {
  operation: element(0x77, element(0x80, '1.3.6.1.4.1.1466.20037')),
};

/** Ends the connection. There is no answer. */
export const UNBIND: Request = { operation: element(0x42) };
