/**
 * Headers that other products send, so that apps written for one of them need no change. Names,
 * separators and meanings are those of the sources; what Doorward does not know is left out.
 */
import { COMMAS, COMMAS_OR_BLANKS, type ListFormat, PIPES } from './identity.ts';

/** The headers of one product. */
export interface IdentityPreset {
  /** The value of each header, as for `identitySource`; `keys` is the URL of the public keys. */
  readonly headers: Readonly<Record<string, string>>;
  readonly list: ListFormat;
  /** Headers that contain a JWT. */
  readonly assertions: readonly string[];
}

/** The presets by the name that the configuration uses. */
export const IDENTITY_PRESETS = {
  // https://www.authelia.com/integration/trusted-header-sso/introduction/
  remote: {
    headers: {
      'Remote-User': 'user.name',
      'Remote-Groups': 'user.groups',
      'Remote-Name': 'user.display_name',
      'Remote-Email': 'user.email',
    },
    list: COMMAS,
    assertions: [],
  },
  // https://docs.goauthentik.io/add-secure-apps/providers/proxy; X-authentik-jwt is in the outpost's
  // code (internal/outpost/proxyv2/application/mode_common.go, version 2026.8).
  authentik: {
    headers: {
      'X-authentik-username': 'user.name',
      'X-authentik-groups': 'user.groups',
      'X-authentik-email': 'user.email',
      'X-authentik-name': 'user.display_name',
      'X-authentik-uid': 'user.id',
      'X-authentik-meta-jwks': 'keys',
    },
    list: PIPES,
    assertions: ['X-authentik-jwt'],
  },
  // set-xauthrequest and pass-user-headers: pkg/apis/options/legacy_options.go of oauth2-proxy 7.
  oauth2_proxy: {
    headers: {
      'X-Auth-Request-User': 'user.name',
      'X-Auth-Request-Groups': 'user.groups',
      'X-Auth-Request-Email': 'user.email',
      'X-Auth-Request-Preferred-Username': 'user.name',
      'X-Forwarded-User': 'user.name',
      'X-Forwarded-Groups': 'user.groups',
      'X-Forwarded-Email': 'user.email',
      'X-Forwarded-Preferred-Username': 'user.name',
    },
    list: COMMAS,
    assertions: [],
  },
  // The only header of traefik-forward-auth: https://github.com/thomseddon/traefik-forward-auth
  x_forwarded_user: {
    headers: { 'X-Forwarded-User': 'user.name' },
    list: COMMAS,
    assertions: [],
  },
  // https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token
  cloudflare: {
    headers: { 'Cf-Access-Authenticated-User-Email': 'user.email' },
    list: COMMAS,
    assertions: ['Cf-Access-Jwt-Assertion'],
  },
  // Grafana (https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/auth-proxy/),
  // which splits lists at commas and blanks, and Gitea (https://docs.gitea.com/usage/authentication).
  webauth: {
    headers: {
      'X-WEBAUTH-USER': 'user.name',
      'X-WEBAUTH-EMAIL': 'user.email',
      'X-WEBAUTH-NAME': 'user.display_name',
      'X-WEBAUTH-FULLNAME': 'user.display_name',
      'X-WEBAUTH-GROUPS': 'user.groups',
    },
    list: COMMAS_OR_BLANKS,
    assertions: [],
  },
  // https://www.pomerium.com/docs/reference/jwt-claim-headers and
  // https://www.pomerium.com/docs/capabilities/getting-users-identity
  pomerium: {
    headers: {
      'X-Pomerium-Claim-Email': 'user.email',
      'X-Pomerium-Claim-Groups': 'user.groups',
      'X-Pomerium-Claim-Name': 'user.display_name',
      'X-Pomerium-Claim-User': 'user.id',
      'X-Pomerium-Claim-Sub': 'user.id',
    },
    list: COMMAS,
    assertions: ['X-Pomerium-Jwt-Assertion'],
  },
} as const satisfies Readonly<Record<string, IdentityPreset>>;

/** A preset's name in the configuration. */
export type PresetName = keyof typeof IDENTITY_PRESETS;
