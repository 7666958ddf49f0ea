/** Client certificates against authorities: which are genuine, and what they say of their owner. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authority,
  certificate,
  type CertificateWords,
  type Issued,
  SERVER_AUTH,
} from '../../test/support/certificate.ts';
import { START } from '../../test/support/fakes.ts';
import type { CertificateAttribute } from '../core/credential/certificate.ts';
import { authorityBlocks, authorityFault } from './authorities.ts';
import { checkCertificate } from './check.ts';
import { bitsOf, extensionsOf } from './extensions.ts';

const ca = authority();
const CA = authorityBlocks([ca.pem]);
const DAY = 86_400_000;
const sent = ({ pem }: Pick<Issued, 'pem'>): string => encodeURIComponent(pem);
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const check = (words: CertificateWords, by: Issued = ca) =>
  checkCertificate(sent(certificate(words, by)), CA, START);

describe('a client certificate', () => {
  it('is genuine with every attribute, until it or its authority ends', () => {
    const words = {
      names: ['ci'],
      units: ['builds', 'tests'],
      emails: ['ci@example.com'],
      dns: ['ci.example.com'],
      uris: ['spiffe://example.com/ci'],
      upn: 'ci@corp',
      serial: 0x0abc,
      until: START + DAY,
      keyUsage: 0x80,
    };
    const genuine = check(words);
    if (typeof genuine === 'string') throw new Error(genuine);
    const all: [CertificateAttribute, readonly string[]][] = [
      ['subject.CN', ['ci']],
      ['subject.O', []],
      ['subject.OU', ['builds', 'tests']],
      ['san.email', ['ci@example.com']],
      ['san.dns', ['ci.example.com']],
      ['san.uri', ['spiffe://example.com/ci']],
      ['san.upn', ['ci@corp']],
      ['serial', ['abc']],
      ['fingerprint', [genuine.fingerprint]],
    ];
    for (const [attribute, values] of all) {
      expect([attribute, genuine.valuesOf(attribute)]).toEqual([attribute, values]);
    }
    expect(genuine.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    // Certificates have no milliseconds.
    expect(genuine.until).toBe(Math.floor((START + DAY) / 1000) * 1000 + 1);
    const old = authority({ until: START + 60_000 });
    const soon = checkCertificate(sent(certificate({}, old)), authorityBlocks([old.pem]), START);
    expect(soon).toMatchObject({ until: Math.floor((START + 60_000) / 1000) * 1000 + 1 });
  });

  const intermediate = certificate({ names: ['Below'], isAuthority: true, usages: [] }, ca);
  it.each<[string, string, string]>([
    ['has expired', sent(certificate({ until: START - 1000 }, ca)), 'expired'],
    ['is not valid yet', sent(certificate({ from: START + DAY }, ca)), 'expired'],
    ['is of another authority', sent(certificate({}, authority({ names: ['Other'] }))), 'issuer'],
    ['is of one with the same name', sent(certificate({}, authority())), 'issuer'],
    ['is self-signed', sent(certificate({})), 'issuer'],
    [
      'is self-signed in the name of the authority',
      sent(certificate({ names: ['Test CA'] })),
      'issuer',
    ],
    ['is signed by a client', sent(certificate({}, certificate({ names: ['x'] }, ca))), 'issuer'],
    [
      'is of an authority below, which is not listed',
      sent(certificate({}, intermediate)),
      'issuer',
    ],
    ['is signed with a broken hash', sent(certificate({ hash: 'sha1' }, ca)), 'issuer'],
    ['is the authority', sent(ca), 'purpose'],
    ['is an authority below it', sent(intermediate), 'purpose'],
    ['is for servers', sent(certificate({ usages: [SERVER_AUTH] }, ca)), 'purpose'],
    ['has a short RSA key', sent(certificate({ keys: rsa(1024) }, ca)), 'purpose'],
    ['has a key on a small curve', sent(certificate({ keys: ec('secp112r1') }, ca)), 'purpose'],
    ['may not sign', sent(certificate({ keyUsage: 0x20 }, ca)), 'purpose'],
    [
      'has a critical extension of an unknown kind',
      sent(certificate({ strange: 'critical' }, ca)),
      'purpose',
    ],
    ['is garbage', 'garbage', 'malformed'],
    ['is empty PEM', '-----BEGIN CERTIFICATE----------END CERTIFICATE-----', 'malformed'],
    ['is two', encodeURIComponent(certificate({}, ca).pem.repeat(2)), 'malformed'],
    ['is huge', 'A'.repeat(16_388), 'malformed'],
    [
      'has bytes behind it',
      Buffer.concat([certificate({}, ca).der, Buffer.from([0])]).toString('base64'),
      'malformed',
    ],
  ])('does not count if it %s', (_what, text, fault) => {
    expect(checkCertificate(text, CA, START)).toBe(`certificate/${fault}`);
  });

  it('does not count once its authority has ended', () => {
    const old = authority({ until: START - 1000 });
    const text = sent(certificate({}, old));
    expect(checkCertificate(text, authorityBlocks([old.pem]), START)).toBe('certificate/issuer');
  });

  it.each<[string, CertificateWords, CertificateAttribute, readonly string[]]>([
    ['two names', { names: ['ann', 'bob'] }, 'subject.CN', ['ann', 'bob']],
    ['more in its name', { names: ['ann\nCN=bob'] }, 'subject.CN', ['ann\nCN=bob']],
    ['a NUL in its name', { names: ['ann\0.evil'] }, 'subject.CN', ['ann\0.evil']],
    [
      'escapes in its name',
      { names: ['#a\\0A\\+b ', ' "é"'] },
      'subject.CN',
      ['#a\\0A\\+b ', ' "é"'],
    ],
    ['a sum in its name', { names: ['ann + CN=bob'] }, 'subject.CN', ['ann + CN=bob']],
    ['a comma in its name', { names: ['ann, CN=bob'] }, 'subject.CN', ['ann, CN=bob']],
    ['two addresses', { emails: ['a@x.y', 'b@x.y'] }, 'san.email', ['a@x.y', 'b@x.y']],
    [
      'an address that looks like two',
      { emails: ['x@y.z, email:ann@y.z'] },
      'san.email',
      ['x@y.z, email:ann@y.z'],
    ],
    ['a NUL in its address', { emails: ['ann@y.z\0.evil'] }, 'san.email', ['ann@y.z\0.evil']],
    ['a URI with a comma', { uris: ['spiffe://a/b, DNS:x'] }, 'san.uri', ['spiffe://a/b, DNS:x']],
    ['a host that looks like a URI', { dns: ['x, URI:spiffe://a/b'] }, 'san.uri', []],
  ])('with %s is read as it is', (_what, words, attribute, values) => {
    const genuine = check(words);
    if (typeof genuine === 'string') throw new Error(genuine);
    expect(genuine.valuesOf(attribute)).toEqual(values);
  });
});

describe('a client certificate with a key', () => {
  it.each<[string, CertificateWords]>([
    ['on a curve without a NIST name', { keys: ec('brainpoolP256r1') }],
    ['on the curve of Bitcoin', { keys: ec('secp256k1') }],
    ['of RSA', { keys: rsa(2048) }],
  ])('%s is read, and ends no process', (_what, words) => {
    const genuine = check({ names: ['ci'], ...words });
    if (typeof genuine === 'string') throw new Error(genuine);
    expect(genuine.valuesOf('subject.CN')).toEqual(['ci']);
  });
});

describe('an authority', () => {
  it.each<[string, CertificateWords]>([
    ['with a short key', { keys: rsa(1024) }],
    ['for servers', { usages: [SERVER_AUTH] }],
  ])('%s is a fault, and issues none that count', (_what, words) => {
    const weak = authority(words);
    expect(authorityFault(weak.pem)).toContain('list another one');
    const text = sent(certificate({}, weak));
    expect(checkCertificate(text, authorityBlocks([weak.pem]), START)).toBe('certificate/issuer');
  });

  it('that limits the names of its certificates is a fault, and issues none that count', () => {
    const limited = authority({ strange: 'name-constraints' });
    expect(authorityFault(limited.pem)).toContain('limits the names');
    const text = sent(certificate({}, limited));
    expect(checkCertificate(text, authorityBlocks([limited.pem]), START)).toBe(
      'certificate/issuer',
    );
  });

  it('made by OpenSSL issues certificates that count', () => {
    const dir = mkdtempSync(join(tmpdir(), 'doorward-openssl-'));
    const openssl = (line: string): void =>
      void execFileSync('openssl', line.split(' '), { cwd: dir, stdio: 'pipe' });
    try {
      writeFileSync(
        join(dir, 'ext'),
        'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectAltName=URI:spiffe://a/b\nauthorityKeyIdentifier=keyid\n',
      );
      openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=CA -days 2');
      openssl('req -newkey rsa:2048 -nodes -keyout a.key -out a.csr -subj /O=Org/CN=ci');
      openssl('x509 -req -in a.csr -CA ca.pem -CAkey ca.key -days 1 -extfile ext -out a.pem');
      const pem = readFileSync(join(dir, 'ca.pem'), 'utf8');
      expect(authorityFault(pem)).toBeNull();
      const judge = (file: string) =>
        checkCertificate(
          encodeURIComponent(readFileSync(join(dir, file), 'utf8')),
          authorityBlocks([pem]),
          Date.now(),
        );
      const genuine = judge('a.pem');
      if (typeof genuine === 'string') throw new Error(genuine);
      expect([genuine.valuesOf('subject.O'), genuine.valuesOf('san.uri')]).toEqual([
        ['Org'],
        ['spiffe://a/b'],
      ]);
      for (const hash of ['sha256', 'sha1']) {
        openssl(
          `x509 -req -in a.csr -CA ca.pem -CAkey ca.key -days 1 -${hash} -sigopt rsa_padding_mode:pss -out ${hash}.pem`,
        );
      }
      // The name of the algorithm does not say which hash function it uses.
      expect(judge('sha256.pem')).toMatchObject({ until: expect.any(Number) });
      expect(judge('sha1.pem')).toBe('certificate/issuer');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('extensions', () => {
  const { der } = certificate({ keyUsage: 0xa0, strange: 'critical', uris: ['x:y'] }, ca);

  it('are found with their weight', () => {
    const found = extensionsOf(der);
    expect(found?.get('551d0f')?.isCritical).toBe(true);
    expect(bitsOf(found?.get('551d0f')?.value ?? Buffer.alloc(0))).toBe(0xa0);
    expect(found?.get('551d11')?.isCritical).toBe(false);
    expect(found?.size).toBe(5);
  });

  it('of bytes cut off or changed never throw', () => {
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const changed = Buffer.from(isCut ? der.subarray(0, at) : der);
        if (!isCut) changed[at] = byte;
        for (const { value } of extensionsOf(changed)?.values() ?? []) bitsOf(value);
        return true;
      }),
    );
    expect(extensionsOf(der.subarray(0, -1))).toBeNull();
  });
});
