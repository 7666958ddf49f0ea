/**
 * Encrypts what stores keep: AES-256-GCM with keys derived from the server's secret, the purpose and
 * the caller's secret. It must never reveal why something did not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Vault } from '../core/values/system.ts';
import { type BaseKey, baseKeys, oneWayName } from './secrets.ts';

/** Layout: version (1), key id (6), nonce (12), ciphertext, tag (16). */
const VERSION = 1;
const HEAD = 7;
const NONCE = 12;
const TAG = 16;
/** Longest sealed input, in bytes, far above anything we seal. */
const MAX_SEALED = 1 << 20;

/** The vault over the server's secrets, in order: the first seals, all open. Problem `secrets/weak`. */
export function createVault(secrets: readonly string[]): Vault {
  const keys = baseKeys(secrets);
  const byId = new Map(keys.map((k) => [k.id, k]));
  const memoryKey = randomBytes(32).toString('base64url');
  return {
    seal(purpose, secret, plain) {
      const out = Buffer.allocUnsafe(HEAD + NONCE);
      out[0] = VERSION;
      out.writeUIntBE(keys[0].id, 1, 6);
      randomBytes(NONCE).copy(out, HEAD);
      const cipher = createCipheriv('aes-256-gcm', sealKey(keys[0], purpose, secret), nonceOf(out));
      cipher.setAAD(associated(purpose, out));
      return Buffer.concat([
        out,
        cipher.update(plain, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open(purpose, secret, sealed) {
      if (sealed.length < HEAD + NONCE + TAG || sealed.length > MAX_SEALED) return null;
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
      const key = bytes[0] === VERSION ? byId.get(bytes.readUIntBE(1, 6)) : undefined;
      if (key === undefined) return null;
      const decipher = createDecipheriv(
        'aes-256-gcm',
        sealKey(key, purpose, secret),
        nonceOf(bytes),
        { authTagLength: TAG },
      );
      decipher.setAAD(associated(purpose, bytes));
      decipher.setAuthTag(bytes.subarray(-TAG));
      try {
        const plain = decipher.update(bytes.subarray(HEAD + NONCE, -TAG), undefined, 'utf8');
        return plain + decipher.final('utf8');
      } catch {
        // The tag does not match: not ours, damaged, or another secret. Callers must not see a difference.
        return null;
      }
    },
    name: oneWayName,
    // The key in front suffices: names stay in memory, so there is none to extend for others.
    memoryName: (purpose, value) => hash('sha256', `${memoryKey}${purpose}\0${value}`, 'base64url'),
    sign: (purpose, value) => signature(keys[0], purpose, value).toString('base64url'),
    verify(purpose, value, given) {
      const bytes = Buffer.from(given.slice(0, 64), 'base64url');
      // base64url has several spellings of some values; only the one that `sign` returns is valid.
      if (bytes.length !== 32 || bytes.toString('base64url') !== given) return false;
      let fits = false;
      for (const key of keys) fits = timingSafeEqual(bytes, signature(key, purpose, value)) || fits;
      return fits;
    },
  };
}

function nonceOf(bytes: Buffer): Buffer {
  return bytes.subarray(HEAD, HEAD + NONCE);
}

function associated(purpose: string, bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, HEAD), Buffer.from(purpose)]);
}

/**
 * HKDF-Extract (RFC 5869, 2.2) with the purpose's key as salt: neither the server's secret
 * nor the caller's is enough on its own. HKDF-Expand is not needed, because one block is enough.
 */
function sealKey(key: BaseKey, purpose: string, secret: string): Buffer {
  const base = key.key(`seal:${purpose}`);
  return secret === '' ? base : createHmac('sha256', base).update(secret).digest();
}

function signature(key: BaseKey, purpose: string, value: string): Buffer {
  return createHmac('sha256', key.key(`sign:${purpose}`))
    .update(value)
    .digest();
}
