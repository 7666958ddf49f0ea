/**
 * Probes that cannot be tested yet, each with the feature it needs. The change that adds the
 * feature removes its probes here and adds their tests; the ledger fails if either is missing.
 */

/** Features that this version does not have. */
export type Missing =
  | 'handover to other root domains'
  | 'TLS terminated by Doorward itself'
  | 'administration pages and API'
  | 'policies that read request bodies';

/** Step probes of attacks.json by id. */
export const pending: Readonly<Record<string, Missing>> = {
  'SSO-code-replay': 'handover to other root domains',
  'SSO-code-leak': 'handover to other root domains',
  'DOS-tls-sni': 'TLS terminated by Doorward itself',
  'CONF-secret-api': 'administration pages and API',
  'CONF-body-partial-policy': 'policies that read request bodies',
};
