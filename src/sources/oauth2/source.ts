/** Users of a plain OAuth 2 provider. */
import type { SourceKind } from '../../core/setup/adapters.ts';
import { type OauthOptions, oauthOptions } from './options.ts';

/** `{ type: oauth2, preset: github, client_id: …, client_secret: … }`. */
export const oauth2: SourceKind<OauthOptions> = {
  type: 'oauth2',
  config: oauthOptions,
  signsOut: false,
  accountsOf: ({ issuer, idField }) => ({ issuers: [issuer], idField }),
  async open(options, tools) {
    // The client takes time and memory, and most gateways have no source.
    const { openOauthSource } = await import('./open.ts');
    return openOauthSource(options, tools);
  },
};
