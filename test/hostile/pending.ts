/**
 * Probes that cannot be tried yet, each with the feature it needs. Whoever builds the feature
 * takes its probes out of here and writes their tests; the ledger notices either one missing.
 */

/** What is not built in this version. */
export type Missing =
  | 'TOTP, mailed codes and recovery codes'
  | 'setting up a second factor'
  | 'mailed links'
  | 'recovery by mail'
  | 'invitations'
  | 'WebAuthn'
  | 'handover to other root domains'
  | 'OIDC sources'
  | 'TLS terminated by Doorward itself'
  | 'calls from policies or stages to services outside'
  | 'administration pages and API'
  | 'policies that read request bodies'
  | 'remember me';

/** Step probes of attacks.json by id. */
export const pending: Readonly<Record<string, Missing>> = {
  'WEBA-uv': 'WebAuthn',
  'WEBA-counter': 'WebAuthn',
  'WEBA-ownership': 'WebAuthn',
  'SSO-code-replay': 'handover to other root domains',
  'SSO-code-leak': 'handover to other root domains',
  'OIDC-alg-none': 'OIDC sources',
  'OIDC-pkce': 'OIDC sources',
  'OIDC-email-domain': 'OIDC sources',
  'OIDC-backchannel': 'OIDC sources',
  'OIDC-refresh-fail': 'OIDC sources',
  'DOS-tls-sni': 'TLS terminated by Doorward itself',
  'DOS-auth-resp-size': 'calls from policies or stages to services outside',
  'CONF-secret-api': 'administration pages and API',
  'CONF-body-partial-policy': 'policies that read request bodies',
};
