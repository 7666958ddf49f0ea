/** Defaults for common servers. */
import type { PasswordOperation } from './protocol/connection.ts';

/** The name of a preset. `none` is used if none is chosen. */
export type PresetName = 'openldap' | 'active_directory' | 'freeipa' | 'lldap' | 'none';

/** What a preset sets. `''`: nothing. */
interface Preset {
  readonly filter: string;
  readonly fields: {
    readonly id: string;
    readonly username: string;
    readonly displayName: string;
    readonly email: string;
    readonly passwordSet: string;
  };
  readonly groups: {
    readonly source: 'member_of' | 'search' | 'none';
    readonly filter: string;
    readonly name: string;
    /** What comes before the base to form the base of groups. */
    readonly below: string;
  };
  readonly disabled: string;
  /**
   * Only where users cannot change their address by default: others could receive mail for, and be
   * taken by apps for, another user.
   */
  readonly emailVerified: boolean;
  /** How the server sets passwords. */
  readonly write: PasswordOperation;
}

const UNIX = { username: 'uid', displayName: 'cn', email: 'mail' };

/** LDAP_MATCHING_RULE_IN_CHAIN: groups that contain the user's groups count as well. */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** All presets. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  none: {
    filter: '',
    fields: { id: '', username: '', displayName: '', email: '', passwordSet: '' },
    groups: { source: 'none', filter: '', name: 'cn', below: '' },
    disabled: 'never',
    emailVerified: false,
    write: 'modify_password',
  },
  openldap: {
    filter: '(&(objectClass=inetOrgPerson)(uid={login}))',
    fields: { id: 'entryUUID', ...UNIX, passwordSet: 'pwdChangedTime' },
    groups: {
      source: 'search',
      // Works without the memberof overlay.
      filter:
        '(|(&(objectClass=groupOfNames)(member={dn}))(&(objectClass=groupOfUniqueNames)(uniqueMember={dn}))(&(objectClass=posixGroup)(memberUid={login})))',
      name: 'cn',
      below: '',
    },
    disabled: 'never',
    emailVerified: false,
    write: 'modify_password',
  },
  active_directory: {
    filter:
      '(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={login})(userPrincipalName={login})))',
    fields: {
      id: 'objectGUID',
      username: 'sAMAccountName',
      displayName: 'displayName',
      email: 'mail',
      passwordSet: 'pwdLastSet',
    },
    groups: {
      source: 'search',
      filter: `(&(objectClass=group)(member:${IN_CHAIN}:={dn}))`,
      // Unique in the domain, which cn is not.
      name: 'sAMAccountName',
      below: '',
    },
    disabled: 'user_account_control',
    emailVerified: true,
    write: 'unicode_pwd',
  },
  freeipa: {
    filter: '(&(objectClass=posixAccount)(uid={login}))',
    fields: { id: 'ipaUniqueID', ...UNIX, passwordSet: 'krbLastPwdChange' },
    // Contains groups of groups. Its roles and rules are not below cn=groups.
    groups: { source: 'member_of', filter: '', name: 'cn', below: 'cn=groups' },
    disabled: 'ns_account_lock',
    emailVerified: true,
    write: 'modify_password',
  },
  lldap: {
    filter: '(&(objectClass=person)(uid={login}))',
    fields: { id: 'entryUUID', ...UNIX, passwordSet: '' },
    groups: { source: 'member_of', filter: '', name: 'cn', below: 'ou=groups' },
    disabled: 'never',
    emailVerified: false,
    write: 'modify_password',
  },
};
