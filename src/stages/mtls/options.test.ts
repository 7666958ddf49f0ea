import { describe, expect, it } from 'vitest';
import { authority, certificate, keyPem } from '../../../test/support/certificate.ts';
import { mtls } from './stage.ts';

const ca = authority();
const base = { header: 'Ssl-Client-Cert', ca: ca.pem };
const messagesOf = (options: object): string[] =>
  mtls.config.safeParse({ ...base, ...options }).error?.issues.map((one) => one.message) ?? [];

describe('the requirements and results of options', () => {
  it.each([
    [{}, [], ['identified', 'verified'], false],
    [{ equals: 'email' }, [], ['identified', 'verified'], false],
    [{ equals: 'attributes.card' }, ['identified'], ['verified'], false],
    [{ not_given: 'skip' }, ['identified'], [], true],
    [{ not_given: 'skip', equals: 'attributes.card' }, ['identified'], [], true],
  ])('of %j: it requires %j and provides %j', (options, wants, gives, mayProve) => {
    const claims = mtls.claims(mtls.config.parse({ ...base, ...options }));
    expect(claims).toEqual({ wants, gives, mayProve });
  });
});

describe('options', () => {
  it.each<[string, object, string]>([
    ['a path', { ca: 'config/client-ca.pem' }, 'write ${file:PATH}'],
    ['no text', { ca: '' }, 'Too small'],
    ['some text', { ca: 'no certificate at all' }, 'expected certificates as PEM'],
    ['a client for an authority', { ca: certificate({}, ca).pem }, 'of no authority'],
    ['a key among them', { ca: ca.pem + keyPem(ca) }, 'no key among them'],
    ['a broken one', { ca: ca.pem.replace(/M/g, 'N') }, 'cannot be read'],
    ['too many', { ca: ca.pem.repeat(65) }, 'at most 64'],
    ['a fingerprint for a name', { attribute: 'fingerprint' }, 'attributes.NAME'],
    [
      'a number of several authorities',
      { attribute: 'serial', equals: 'attributes.a', ca: [ca.pem, authority().pem] },
      'just one',
    ],
    ['no header', { header: 'a b' }, 'name of a header'],
    ['no such field', { equals: 'id' }, 'expected username, email or attributes.NAME'],
  ])('refuse %s, with the reason', (_what, options, message) => {
    const messages = messagesOf(options);
    expect(messages.join('\n')).toContain(message);
    expect(messages.join('\n')).not.toContain('PRIVATE KEY');
  });

  it('accept several authorities, in one text or in many', () => {
    const other = authority();
    expect(messagesOf({ ca: ca.pem + other.pem })).toEqual([]);
    expect(messagesOf({ ca: [ca.pem, `words before\n${other.pem}`] })).toEqual([]);
  });
});
