import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authority, certificate } from '../../test/support/certificate.ts';
import { certificateIn } from './field.ts';

const { pem, der } = certificate({}, authority());
const other = certificate({ names: ['bob'] }, authority());
const base64 = der.toString('base64');
const escaped = encodeURIComponent(pem);

/** Escaped as Envoy does. */
const enveloped = `Hash=468ed;Cert="${escaped}";Subject="/CN=a\\"b;c,d";URI=spiffe://x;DNS=a.example`;

describe('a certificate in a header', () => {
  it.each<[string, string]>([
    ['nginx', escaped],
    ['PEM with its blanks as they are', pem.replaceAll('\n', ' ')],
    ['Traefik', base64],
    ['Traefik, with what the client sent along', `${base64},${other.der.toString('base64')}`],
    ['Traefik of old, escaped', encodeURIComponent(base64)],
    ['HAProxy and Caddy', base64],
    ['RFC 9440', `:${base64}:`],
    ['Envoy', enveloped],
    ['Envoy with nothing but it', `Cert="${escaped}"`],
    ['Envoy, small letters and no quotes', `by=x;cert=${escaped}`],
  ])('is read as %s writes it', (_proxy, value) => {
    expect(certificateIn(value)?.raw.equals(der)).toBe(true);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a word', 'SUCCESS'],
    ['a truncated one', base64.slice(0, 200)],
    ['bytes after it', Buffer.concat([der, Buffer.from('more')]).toString('base64')],
    ['two in PEM', encodeURIComponent(pem + other.pem)],
    ['a key in PEM', encodeURIComponent(pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'))],
    ['words around PEM', `x${escaped}`],
    ['words behind PEM', `${escaped}x`],
    ['broken escapes', `${escaped}%zz`],
    ['an open byte sequence', `:${base64}`],
    ['two byte sequences', `:${base64}:, :${base64}:`],
    ['a byte sequence with parameters', `:${base64}:;a=1`],
    ['two hops', `${enveloped},${enveloped}`],
    ['a hop of the client before ours', `Cert="${encodeURIComponent(other.pem)}",${enveloped}`],
    ['two certificates in a hop', `Cert="${encodeURIComponent(other.pem)}";Cert="${escaped}"`],
    ['a hop without one', 'By=x;Subject="/CN=ann"'],
    ['one in a quoted subject', `Subject="x;Cert=${escaped};y"`],
    ['a quote left open', `Cert="${escaped}`],
    ['more than 16 KiB', `${escaped}${'%20'.repeat(6_000)}`],
    ['text of DER that is PEM', Buffer.from(pem).toString('base64')],
  ])('is missing if there is %s', (_what, value) => {
    expect(certificateIn(value)).toBeNull();
  });

  it('never causes a fault, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.nat(2000), (text, at) => {
        for (const base of [escaped, base64, enveloped]) {
          const seen = certificateIn(base.slice(0, at) + text + base.slice(at));
          expect(seen === null || seen.raw.length > 0).toBe(true);
        }
      }),
    );
  });
});
