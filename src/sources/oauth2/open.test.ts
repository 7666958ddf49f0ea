/** Providers without ID tokens: which accounts are the same. */
import { expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import {
  ACCESS_TOKEN,
  json,
  scriptedProvider,
  signIn,
} from '../../../test/support/scripted-provider.ts';
import { openOauthSource } from './open.ts';
import { oauthOptions } from './options.ts';

const HOST = 'https://id.example.com';

/** The account with number 1 in a realm of this host. */
async function firstOf(realm: string, options: object = {}) {
  const base = `${HOST}/${realm}`;
  const provider = await scriptedProvider(base);
  provider.pages.set(`${base}/token`, () =>
    json({ access_token: ACCESS_TOKEN, token_type: 'bearer' }),
  );
  provider.pages.set(`${base}/user`, () => json({ id: 1 }));
  const config = {
    client_id: 'id',
    client_secret: 'a secret',
    authorization_url: `${base}/authorize`,
    token_url: `${base}/token`,
    userinfo_url: `${base}/user`,
    fields: { id: 'id' },
    ...options,
  };
  const tools = { name: realm, clock: fakeClock(), openDoor: provider.openDoor };
  const source = await openOauthSource(oauthOptions.parse(config), tools);
  const { issuer, subject } = await signIn(source, provider, {
    change: (answer) => answer.set('iss', 'issuer' in options ? String(options.issuer) : HOST),
  });
  return { issuer, subject };
}

it('keeps the users of two realms of one host apart', async () => {
  expect(await firstOf('staff')).toEqual({ issuer: `${HOST}/staff/user`, subject: '1' });
  expect(await firstOf('guests')).toEqual({ issuer: `${HOST}/guests/user`, subject: '1' });
});

it('takes the issuer that the operator states', async () => {
  const issuer = `${HOST}/all`;
  expect(await firstOf('staff', { issuer })).toEqual({ issuer, subject: '1' });
});
