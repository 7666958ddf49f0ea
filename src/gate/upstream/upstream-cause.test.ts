import { describe, expect, it } from 'vitest';
import { causeOf } from '../../core/values/network-cause.ts';
import { isUnreachable } from './upstream-cause.ts';

function failed(code: string): Error {
  return Object.assign(new Error('failed'), { code });
}

describe('the cause of a failure', () => {
  it.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls/client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls/client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls/protocol'],
  ])('%s is %s', (code, word) => {
    expect(causeOf(failed(code))?.word).toBe(word);
  });

  it.each(['ECONNREFUSED', 'ENOENT', 'CERT_HAS_EXPIRED'])(
    '%s speaks against the member',
    (code) => {
      expect(isUnreachable(failed(code))).toBe(true);
    },
  );

  it.each(['EMFILE', 'EADDRNOTAVAIL', 'ECONNRESET'])('%s does not', (code) => {
    expect(isUnreachable(failed(code))).toBe(false);
  });
});
