/** The contract of sources, on a real OpenID Connect provider and on the same as plain OAuth 2. */
import type { Source } from '../../src/core/sources/source.ts';
import { openProviderDoor } from '../../src/outside/provider-door.ts';
import { sources } from '../../src/sources/index.ts';
import type { RealProvider } from '../support/oidc-provider.ts';
import { sourceContract } from './sources.suite.ts';

async function open(type: string, options: object): Promise<Source> {
  const kind = sources.find((one) => one.type === type);
  if (kind === undefined) throw new Error(`no source ${type}`);
  const clock = { now: () => Date.now() };
  return kind.open(kind.config.parse(options), {
    name: 'work',
    clock,
    openDoor: openProviderDoor,
  });
}

sourceContract('oidc', ({ issuer, client }: RealProvider) =>
  open('oidc', { issuer, ...client, scopes: ['openid', 'profile', 'email', 'groups'] }),
);

sourceContract('oauth2', ({ issuer, client }: RealProvider) =>
  open('oauth2', {
    issuer,
    authorization_url: `${issuer}/auth`,
    token_url: `${issuer}/token`,
    userinfo_url: `${issuer}/api/user`,
    ...client,
    scopes: ['profile', 'email'],
    fields: { id: 'id', username: 'login' },
  }),
);
