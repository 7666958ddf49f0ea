/** What a provider publishes: read when needed, cached, and read again. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import {
  CLIENT_ID,
  problemCode,
  type ScriptedProvider,
  scriptedKey,
  scriptedProvider,
  signIn,
} from '../../../test/support/scripted-provider.ts';
import { passage } from '../../../test/support/passage.ts';
import { until } from '../../../test/support/until.ts';
import type { Source } from '../../core/sources/source.ts';
import { sourceUnavailable } from '../../core/sources/source.ts';
import { openOidcSource } from './open.ts';
import { oidcOptions } from './options.ts';
import { AGES } from './provider.ts';

const ISSUER = 'https://id.example.com';
const METADATA = `${ISSUER}/.well-known/openid-configuration`;
const HOUR = 3_600_000;

let provider: ScriptedProvider;
let clock: ReturnType<typeof fakeClock>;
let source: Source;
beforeEach(async () => {
  provider = await scriptedProvider(ISSUER);
  clock = fakeClock();
  const options = oidcOptions.parse({ issuer: ISSUER, client_id: CLIENT_ID, client_secret: 'x' });
  const tools = { name: 'work', clock, openDoor: provider.openDoor };
  source = await openOidcSource(options, tools, { ...AGES, keyCooldown: 0 });
});

function leave(): () => void {
  const pages = new Map(provider.pages);
  for (const url of pages.keys()) {
    provider.pages.set(url, () => {
      throw sourceUnavailable(new Error('away'));
    });
  }
  return () => {
    for (const [url, page] of pages) provider.pages.set(url, page);
  };
}

async function pathNow(): Promise<string> {
  const url = await source.begin(passage(), { username: null, prompt: null });
  return new URL(url).pathname;
}

describe('the metadata of a provider', () => {
  it('is not read before the first sign-in, and then once', async () => {
    expect(provider.requests).toEqual([]);
    await Promise.all([signIn(source, provider), signIn(source, provider)]);
    expect(provider.count(METADATA)).toBe(1);
  });

  it('is read again in the background after an hour', async () => {
    provider.metadata = { authorization_endpoint: `${ISSUER}/old` };
    expect(await pathNow()).toBe('/old');
    provider.metadata = { authorization_endpoint: `${ISSUER}/new` };
    clock.advance(HOUR - 1);
    expect(await pathNow()).toBe('/old');
    clock.advance(1);
    // Visitors do not wait for it.
    expect(await pathNow()).toBe('/old');
    await until('the new metadata is used', async () => (await pathNow()) === '/new');
    expect(provider.count(METADATA)).toBe(2);
  });

  it('is used for a day while it cannot be read', async () => {
    await signIn(source, provider);
    provider.pages.delete(METADATA);
    clock.advance(24 * HOUR - 1);
    expect(await problemCode(signIn(source, provider))).toBe('none');
    clock.advance(1);
    expect(await problemCode(signIn(source, provider))).toBe('source/unavailable');
  });

  it('is asked for every five seconds while the provider is away', async () => {
    const comeBack = leave();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await problemCode(signIn(source, provider))).toBe('source/unavailable');
    }
    expect(provider.count(METADATA)).toBe(1);
    comeBack();
    clock.advance(5_000);
    expect(await problemCode(signIn(source, provider))).toBe('none');
  });
});

describe('the keys of a provider', () => {
  it('may change between two sign-ins', async () => {
    await signIn(source, provider);
    provider.keys = [await scriptedKey()];
    expect(await problemCode(signIn(source, provider))).toBe('none');
    provider.keys = [await scriptedKey('RS256'), ...provider.keys];
    expect(await problemCode(signIn(source, provider))).toBe('none');
    expect(provider.count(`${ISSUER}/keys`)).toBe(3);
  });

  it('that cannot be read are an outage, and no refusal', async () => {
    provider.pages.set(`${ISSUER}/keys`, () => new Response('<html>', { status: 502 }));
    expect(await problemCode(signIn(source, provider))).toBe('source/unavailable');
  });
});
