/** Links the TLS settings of an upstream: authorities, and the gateway's own certificate. */
import { resolve } from 'node:path';
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { UpstreamTls } from '../../core/routes/upstream.ts';
import type { RouteConfig } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';

type UpstreamObject = Exclude<NonNullable<RouteConfig['upstream']>, string>;

/** `tls` of an upstream. */
export type UpstreamTlsConfig = NonNullable<UpstreamObject['tls']>;

/** The settings; null after a fault. Relative paths start from `base`. */
export function linkUpstreamTls(
  config: UpstreamTlsConfig,
  spot: Spot,
  base: string,
): UpstreamTls | null {
  const { insecure, servername = null } = config;
  if (insecure && (config.ca !== undefined || servername !== null)) {
    blame(
      below(spot, 'insecure'),
      'accepts any certificate, so ca and servername have no effect; remove them',
    );
  }
  if (servername !== null && isIP(servername) === 0 && !/^[a-z0-9._-]+$/i.test(servername)) {
    blame(below(spot, 'servername'), 'expected a host name or an address, without port and scheme');
  }
  const ca = config.ca === undefined ? null : certificatesOf(config.ca, below(spot, 'ca'), base);
  const identity = identityOf(config, spot, base);
  if ((config.ca !== undefined && ca === null) || identity === 'fault') return null;
  return { ca, servername, insecure, identity };
}

/** The certificate with its chain and the key, which must belong to it. */
function identityOf(
  config: UpstreamTlsConfig,
  spot: Spot,
  base: string,
): UpstreamTls['identity'] | 'fault' {
  if (config.cert === undefined && config.key === undefined) return null;
  if (config.cert === undefined || config.key === undefined) {
    const [present, missing] = config.cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    blame(below(spot, present), `has no effect without ${missing}`);
    return 'fault';
  }
  const cert = certificatesOf(config.cert, below(spot, 'cert'), base);
  const key = keyOf(config.key, below(spot, 'key'), base);
  if (cert === null || key === null) return 'fault';
  if (new X509Certificate(cert).checkPrivateKey(key)) {
    return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }) };
  }
  blame(below(spot, 'key'), 'does not belong to the first certificate of cert');
  return 'fault';
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Checked here, because node ignores certificates that it cannot parse. */
function certificatesOf(text: string, spot: Spot, base: string): string | null {
  const pem = pemOf(text, spot, base);
  if (pem === null) return null;
  const certificates = pem.match(CERTIFICATES) ?? [];
  try {
    certificates.map((certificate) => new X509Certificate(certificate));
  } catch {
    // Named fallback: a fault of the configuration, as below.
    certificates.length = 0;
  }
  if (certificates.length === 0) {
    blame(spot, 'expected certificates in PEM: -----BEGIN CERTIFICATE-----');
    return null;
  }
  return certificates.join('\n');
}

function keyOf(text: string, spot: Spot, base: string): KeyObject | null {
  const pem = pemOf(text, spot, base);
  if (pem === null) return null;
  try {
    return createPrivateKey(pem);
  } catch {
    // Named fallback: a fault of the configuration.
    blame(spot, 'expected a private key in PEM without a passphrase: -----BEGIN PRIVATE KEY-----');
    return null;
  }
}

/** PEM text, or the content of a file. */
function pemOf(text: string, spot: Spot, base: string): string | null {
  if (text.includes('-----BEGIN ')) return text;
  try {
    return readFileSync(resolve(base, text), 'utf8');
  } catch {
    // Named fallback: a fault of the configuration.
    blame(spot, 'the file does not exist or cannot be read');
    return null;
  }
}
