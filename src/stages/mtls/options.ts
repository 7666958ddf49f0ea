/**
 * Options of the mtls stage and the claims the linker derives from them. Authorities are parsed at
 * load, as PEM.
 */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { authorityBlocks, authorityFault } from '../../certificates/authorities.ts';
import type { Claim } from '../../core/flow/stage.ts';

const pem = z
  .string()
  .min(1)
  .max(65_536)
  .superRefine((text, context) => {
    const fault = authorityFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

export const config = z
  .strictObject({
    header: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, 'expected the name of a header')
      .transform((name) => name.toLowerCase())
      .describe(
        'Header in which the trusted proxy passes the certificate on. The proxy must set it on every request.',
      ),
    ca: z
      .union([pem, z.array(pem).min(1).max(16)])
      .describe(
        'Authorities that issue client certificates, as PEM: `${file:config/client-ca.pem}`. Each is trusted on its own.',
      ),
    attribute: z
      .enum(['subject.CN', 'san.email', 'san.upn', 'serial', 'fingerprint'])
      .prefault('subject.CN')
      .describe('Part of the certificate that names its owner. `fingerprint` is SHA-256.'),
    equals: z
      .string()
      .max(256)
      .regex(
        /^(?:username|email|attributes(?:\.[A-Za-z0-9_-]+)+)$/,
        'expected username, email or attributes.NAME',
      )
      .prefault('username')
      .describe(
        'What that part equals: the user’s `username`, `email` or `attributes.NAME`, which can be a list.',
      ),
    not_given: z
      .enum(['deny', 'skip'])
      .prefault('deny')
      .describe('For users without a certificate: refuse them, or let them pass.'),
  })
  .refine(
    ({ attribute, equals }) => attribute !== 'fingerprint' || equals.startsWith('attributes.'),
    { path: ['equals'], message: 'a fingerprint is compared with an attribute: attributes.NAME' },
  )
  .refine(
    // With several authorities, two of them could issue the same serial number.
    ({ attribute, ca }) => attribute !== 'serial' || authorityBlocks([ca].flat()).length === 1,
    { path: ['ca'], message: 'serial numbers are unique within one authority: expected just one' },
  );
export type Options = z.infer<typeof config>;

/**
 * The claims the linker may rely on. The stage identifies users only if directories can look up the
 * compared value.
 */
export function claimsOf({ equals, not_given: notGiven }: Options): {
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
  readonly mayProve: boolean;
} {
  if (notGiven === 'skip') return { wants: ['identified'], gives: [], mayProve: true };
  return isFindable(equals)
    ? { wants: [], gives: ['identified', 'verified'], mayProve: false }
    : { wants: ['identified'], gives: ['verified'], mayProve: false };
}

/** Whether directories can look up users by this value. */
export function isFindable(login: string): login is 'username' | 'email' {
  return login === 'username' || login === 'email';
}

/** Returns the authorities. They were parsed once at load, so parsing cannot fail here. */
export function authoritiesOf({ ca }: Options): readonly X509Certificate[] {
  return authorityBlocks([ca].flat()).map((block) => new X509Certificate(block));
}
