/** Defaults for common providers. */
import type { Claims, Fields } from '../../oauth/claims.ts';

/** The name of a preset. `none` is used if none is chosen. */
export type PresetName =
  | 'google'
  | 'microsoft'
  | 'gitlab'
  | 'keycloak'
  | 'authentik'
  | 'authelia'
  | 'apple'
  | 'none';

/** What a preset sets. */
interface Preset {
  /** `''`: the name of the source. */
  readonly title: string;
  readonly mark: string;
  /** Null: every installation has its own. */
  readonly issuer: string | null;
  readonly hosts: readonly string[];
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  /** What is requested in addition for a refresh token, where one is not issued anyway. */
  readonly lasting: {
    readonly scopes: readonly string[];
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly fields: Fields;
  readonly userinfo: boolean;
  readonly returnsBy: 'query' | 'form_post';
  /** Whether an address that the claim calls verified belongs to the user for certain. */
  readonly owns: (claims: Claims) => boolean;
}

const STANDARD: Preset = {
  title: '',
  mark: '',
  issuer: null,
  hosts: [],
  scopes: ['openid', 'profile', 'email'],
  parameters: {},
  lasting: { scopes: [], parameters: {} },
  fields: {
    username: 'preferred_username',
    displayName: 'name',
    email: 'email',
    emailVerified: 'email_verified',
    groups: 'groups',
  },
  userinfo: true,
  returnsBy: 'query',
  owns: () => true,
};

/** OpenID Connect Core 11. */
const OFFLINE: Preset['lasting'] = { scopes: ['offline_access'], parameters: {} };

/** All presets. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  none: STANDARD,
  google: {
    ...STANDARD,
    title: 'Google',
    mark: 'G',
    issuer: 'https://accounts.google.com',
    hosts: ['oauth2.googleapis.com', 'openidconnect.googleapis.com', 'www.googleapis.com'],
    userinfo: false,
    // Google issues one only with the user's consent, which it otherwise asks for once.
    lasting: { scopes: [], parameters: { access_type: 'offline', prompt: 'consent' } },
    // Accounts have no username; the address is what their users know.
    fields: { ...STANDARD.fields, username: 'email' },
    // Google hosts the mailbox only of these; others could be closed and taken over by another user.
    owns: ({ email, hd }) =>
      typeof hd === 'string' || (typeof email === 'string' && /@gmail\.com$/i.test(email)),
  },
  microsoft: {
    ...STANDARD,
    title: 'Microsoft',
    mark: 'M',
    hosts: ['graph.microsoft.com'],
    userinfo: false,
    lasting: OFFLINE,
    // Administrators of any tenant can write any address into `email`; only this claim says that the
    // tenant owns its domain.
    fields: { ...STANDARD.fields, emailVerified: 'xms_edov' },
  },
  gitlab: {
    ...STANDARD,
    title: 'GitLab',
    mark: 'GL',
    issuer: 'https://gitlab.com',
  },
  keycloak: { ...STANDARD, title: 'Keycloak', mark: 'K' },
  authentik: { ...STANDARD, title: 'authentik', mark: 'a', lasting: OFFLINE },
  authelia: {
    ...STANDARD,
    title: 'Authelia',
    mark: 'A',
    scopes: [...STANDARD.scopes, 'groups'],
    lasting: OFFLINE,
  },
  apple: {
    ...STANDARD,
    title: 'Apple',
    mark: 'A',
    issuer: 'https://appleid.apple.com',
    scopes: ['openid', 'name', 'email'],
    // The username would be the address of a relay that users cannot remember.
    userinfo: false,
    // Required by Apple where a name or an address is requested.
    returnsBy: 'form_post',
  },
};
