/**
 * A passkey in software: responds to navigator.credentials.create and .get as a browser with an
 * authenticator would, with ES256, or wrongly in one chosen way. For tests alone; keys are in
 * memory.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Json } from '../../src/core/values/json.ts';

/** What the response claims instead of the truth. */
export interface Tricks {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  /** Whether a user was present, and was verified. */
  readonly present?: boolean;
  readonly verified?: boolean;
  /** Claims to be backed up although it cannot be (WebAuthn, 6.1.3: impossible). */
  readonly oddBackup?: boolean;
  readonly counter?: number;
  /** Null: an authenticator that stores no user handles. */
  readonly userHandle?: string | null;
  /** Signs with a key that is not the credential's. */
  readonly forged?: boolean;
  /** Responds with this credential of ours, whatever was allowed; creates one with this id. */
  readonly credential?: string;
}

interface Credential {
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
  counter: number;
}

interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id: string };
  readonly user?: { readonly id: string };
  readonly allowCredentials?: readonly { readonly id: string }[];
  readonly excludeCredentials?: readonly { readonly id: string }[];
}

const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;

function authData(
  rpId: string,
  flags: number,
  counter: number,
  attested = Buffer.alloc(0),
): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([sha256(rpId), Buffer.of(flags), count, attested]);
}

/** One authenticator. `synced`: like passkeys of a phone, whose counters stay zero. */
export function softwareAuthenticator(
  words: { readonly origin?: string; readonly synced?: boolean } = {},
) {
  const { origin = 'https://auth.example.com', synced = false } = words;
  const credentials: Credential[] = [];
  const flagsOf = (tricks: Tricks): number =>
    (tricks.present === false ? 0 : UP) |
    (tricks.verified === false ? 0 : UV) |
    (tricks.oddBackup === true ? BS : synced ? BE | BS : 0);
  const clientData = (type: string, challenge: string, tricks: Tricks): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: tricks.type ?? type,
        challenge: tricks.challenge ?? challenge,
        origin: tricks.origin ?? origin,
        crossOrigin: tricks.crossOrigin ?? false,
      }),
    );

  return {
    credentials,
    /**
     * The response to creation options, as JSON. Throws as a browser does if it has an excluded
     * credential.
     */
    create(json: Json, tricks: Tricks = {}): string {
      const options = json as unknown as Options;
      const excluded = (options.excludeCredentials ?? []).map(({ id }) => id);
      const isExcluded = (one: Credential): boolean =>
        one.rpId === options.rp?.id && excluded.includes(one.id);
      if (credentials.some(isExcluded)) throw new Error('InvalidStateError');
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id =
        tricks.credential === undefined
          ? randomBytes(32)
          : Buffer.from(tricks.credential, 'base64url');
      const credential: Credential = {
        id: id.toString('base64url'),
        rpId: options.rp?.id ?? '',
        // Stored as bytes and encoded again, since browsers may return a different spelling.
        userHandle: Buffer.from(options.user?.id ?? '', 'base64url').toString('base64url'),
        key: privateKey,
        counter: tricks.counter ?? (synced ? 0 : 1),
      };
      credentials.push(credential);
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const cose = cbor(
        new Map<number, number | Buffer>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, cose]);
      const flags = flagsOf(tricks) | AT;
      const data = authData(tricks.rpId ?? credential.rpId, flags, credential.counter, attested);
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', data],
        ]),
      );
      return JSON.stringify({
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, tricks).toString(
            'base64url',
          ),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal', 'hybrid', 'carrier-pigeon'],
        },
        clientExtensionResults: {},
      });
    },
    /** The response to sign-in options, as JSON. */
    get(json: Json, tricks: Tricks = {}): string {
      const options = json as unknown as Options;
      const allowed = (options.allowCredentials ?? []).map(({ id }) => id);
      const { rpId } = options;
      const credential = credentials.find((one) =>
        tricks.credential === undefined
          ? (allowed.length === 0 || allowed.includes(one.id)) &&
            (rpId === undefined || one.rpId === rpId)
          : one.id === tricks.credential,
      );
      if (credential === undefined) throw new Error('NotAllowedError');
      if (!synced) credential.counter += 1;
      const counter = tricks.counter ?? credential.counter;
      const data = authData(tricks.rpId ?? options.rpId ?? '', flagsOf(tricks), counter);
      const client = clientData('webauthn.get', options.challenge, tricks);
      const key =
        tricks.forged === true
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
          : credential.key;
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key);
      const handle = tricks.userHandle === undefined ? credential.userHandle : tricks.userHandle;
      return JSON.stringify({
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          ...(handle === null ? {} : { userHandle: handle }),
        },
        clientExtensionResults: {},
      });
    },
  };
}

export type SoftwareAuthenticator = ReturnType<typeof softwareAuthenticator>;

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The parts of RFC 8949 that a passkey needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([head(3, bytes.length), bytes]);
  }
  if (value instanceof Map) {
    const entries = [...(value as Map<unknown, unknown>)].flat().map(cbor);
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  throw new TypeError('not of a passkey');
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 256) return Buffer.of((major << 5) | 24, length);
  return Buffer.of((major << 5) | 25, length >> 8, length & 0xff);
}
