/** Checks the certificate in a proxy's field against authorities, for the gate. */
import { X509Certificate } from 'node:crypto';
import type { CheckCertificate } from '../core/credential/certificate.ts';
import { fingerprintOf, valuesIn } from './attributes.ts';
import { certificateIn } from './field.ts';
import { genuineOf } from './genuine.ts';

/** Parsed authorities, as long as their configuration is in use. */
const parsed = new WeakMap<readonly string[], readonly X509Certificate[]>();

/** See `CheckCertificate`. Throws nothing for what clients can send. */
export const checkCertificate: CheckCertificate = (text, authorities, now) => {
  const certificate = certificateIn(text);
  if (certificate === null) return 'certificate/malformed';
  let issuers = parsed.get(authorities);
  if (issuers === undefined) {
    issuers = authorities.map((pem) => new X509Certificate(pem));
    parsed.set(authorities, issuers);
  }
  const genuine = genuineOf(certificate, issuers, now);
  if (typeof genuine === 'string') return `certificate/${genuine}`;
  const ends = [certificate, genuine.authority].map(({ validToDate }) => validToDate.getTime());
  return {
    fingerprint: fingerprintOf(certificate),
    // The last millisecond counts.
    until: Math.min(...ends) + 1,
    valuesOf: (attribute) => valuesIn(certificate, attribute),
  };
};
