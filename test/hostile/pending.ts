/**
 * Probes that cannot be tried yet, each with the feature it needs. Whoever builds the feature
 * takes its probes out of here and writes their tests; the ledger notices either one missing.
 */

/** What is not built in this version. */
export type Missing =
  | 'handover to other root domains'
  | 'OIDC sources'
  | 'TLS terminated by Doorward itself'
  | 'administration pages and API'
  | 'policies that read request bodies';

/** Step probes of attacks.json by id. */
export const pending: Readonly<Record<string, Missing>> = {
  'SSO-code-replay': 'handover to other root domains',
  'SSO-code-leak': 'handover to other root domains',
  'OIDC-alg-none': 'OIDC sources',
  'OIDC-pkce': 'OIDC sources',
  'OIDC-email-domain': 'OIDC sources',
  'OIDC-backchannel': 'OIDC sources',
  'OIDC-refresh-fail': 'OIDC sources',
  'DOS-tls-sni': 'TLS terminated by Doorward itself',
  'CONF-secret-api': 'administration pages and API',
  'CONF-body-partial-policy': 'policies that read request bodies',
};
