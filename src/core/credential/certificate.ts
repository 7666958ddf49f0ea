/**
 * Client certificates that stand for users: what one says, and whose it is. Signature, purpose and times
 * are checked elsewhere. Pure and bounded.
 */
import type { Directory } from '../people/directory.ts';
import type { CertificateFault } from '../people/token.ts';
import type { User } from '../people/user.ts';
import type { RequestFacts } from '../request/facts.ts';
import type { Network } from '../request/address.ts';
import { mappedUser, nameIn, type NameMapping } from './mapped-user.ts';

/** Parts of a certificate that rules can read. `fingerprint` is SHA-256. */
export const CERTIFICATE_ATTRIBUTES = [
  'subject.CN',
  'subject.O',
  'subject.OU',
  'san.email',
  'san.dns',
  'san.uri',
  'san.upn',
  'serial',
  'fingerprint',
] as const;
export type CertificateAttribute = (typeof CERTIFICATE_ATTRIBUTES)[number];

/** Certificates that count, and whose they are. */
export interface CertificateRule {
  /** Unique in the configuration. */
  readonly name: string;
  /** Lower case: the field in which a trusted proxy passes the certificate on. The same in all rules. */
  readonly header: string;
  /** Authorities that issue them, as PEM, each trusted on its own. */
  readonly authorities: readonly string[];
  /** Each attribute must occur with one of these values. */
  readonly attributes: readonly (readonly [CertificateAttribute, readonly string[]])[];
  readonly user:
    | { readonly name: string }
    /** The attribute must occur once. */
    | (NameMapping & { readonly attribute: CertificateAttribute });
  /** Groups beside those of the user. */
  readonly groups: readonly string[];
  /** Limits, as of a token. An empty list sets none. */
  readonly routes: readonly string[];
  readonly methods: readonly string[];
  readonly networks: readonly Network[];
}

/** A certificate that is genuine, for clients and valid now. */
interface GenuineCertificate {
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** End of the certificate or its authority, in epoch milliseconds, exclusive. */
  readonly until: number;
  /** All values of an attribute; none if a part of the certificate could be read in two ways. */
  readonly valuesOf: (attribute: CertificateAttribute) => readonly string[];
}

/** Checks the certificate in a field against authorities (PEM). `now` in epoch milliseconds. */
export type CheckCertificate = (
  text: string,
  authorities: readonly string[],
  now: number,
) => GenuineCertificate | CertificateFault;

/** Apache's word for a client without a certificate. */
const NULL = '(null)';

/**
 * The certificate that the client showed, as the field that describes it; null if there is none. The only
 * place that says whose word counts: that of a trusted proxy, once.
 */
export function shownCertificate(
  { viaTrustedProxy, header }: Pick<RequestFacts, 'viaTrustedProxy' | 'header'>,
  name: string,
): string | null {
  const value = viaTrustedProxy ? (header(name)?.trim() ?? '') : '';
  return value === '' || value === NULL ? null : value;
}

/** A value in the form in which it is compared: serial numbers and fingerprints have several. */
export function comparable(attribute: CertificateAttribute, value: string): string {
  if (attribute !== 'serial' && attribute !== 'fingerprint') return value;
  const hex = value.replace(/[:\s]/g, '').toLowerCase();
  return attribute === 'serial' ? hex.replace(/^0+(?=.)/, '') : hex;
}

/** What judging a certificate needs. */
interface Judging {
  readonly rules: readonly CertificateRule[];
  readonly check: CheckCertificate;
  readonly directory: Pick<Directory, 'find'>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A certificate that counts. */
interface JudgedCertificate {
  readonly rule: CertificateRule;
  readonly certificate: GenuineCertificate;
  readonly user: User;
}

/** The first rule that fits the certificate in a field, and its user; or why it does not count. */
export async function judgeCertificate(
  text: string,
  { rules, check, directory, now }: Judging,
): Promise<JudgedCertificate | CertificateFault> {
  let fault: CertificateFault = 'certificate/issuer';
  for (const rule of rules) {
    const certificate = check(text, rule.authorities, now);
    if (typeof certificate !== 'string' && fits(rule, certificate)) {
      const user = await userOf(rule, certificate, directory);
      return user === null ? 'certificate/no-user' : { rule, certificate, user };
    }
    const found = typeof certificate === 'string' ? certificate : 'certificate/attributes';
    // That another rule's authorities did not issue it says less.
    if (found !== 'certificate/issuer') fault = found;
  }
  return fault;
}

function fits({ attributes }: CertificateRule, { valuesOf }: GenuineCertificate): boolean {
  return attributes.every(([attribute, expected]) => {
    const given = valuesOf(attribute);
    return expected.some((value) => given.includes(value));
  });
}

function userOf(
  { user, groups }: CertificateRule,
  { valuesOf }: GenuineCertificate,
  directory: Pick<Directory, 'find'>,
): Promise<User | null> {
  if ('name' in user) return mappedUser(user.name, {}, groups, directory);
  const values = valuesOf(user.attribute);
  const name = values.length === 1 ? nameIn(values[0], user) : null;
  return mappedUser(name, user, groups, directory);
}
