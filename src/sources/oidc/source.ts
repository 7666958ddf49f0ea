/** Users of an OpenID Connect provider. */
import type { SourceKind } from '../../core/setup/adapters.ts';
import { type OidcOptions, oidcOptions } from './options.ts';

/** `{ type: oidc, issuer: https://id.example.com, client_id: …, client_secret: … }`. */
export const oidc: SourceKind<OidcOptions> = {
  type: 'oidc',
  config: oidcOptions,
  signsOut: true,
  accountsOf: ({ issuer, publishedIssuer, tenants }) => ({
    issuers: tenants?.map((one) => publishedIssuer.replace('{tenantid}', one)) ?? [issuer],
    idField: 'sub',
  }),
  async open(options, tools) {
    // The client takes time and memory, and most gateways have no source.
    const { openOidcSource } = await import('./open.ts');
    return openOidcSource(options, tools);
  },
};
