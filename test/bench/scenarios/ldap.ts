/** A gateway in front of a slapd with thousands of users, none of whom it has read yet. */
import { BASE, GROUPS, SEARCHER, type Slapd, startSlapd } from '../../support/slapd.ts';
import { type BenchGateway, type BenchGatewayOptions, startBenchGateway } from '../gateway.ts';
import { mintSessions } from '../sessions.ts';

/** Enough that no user is checked twice. */
const USERS = 2_000;

/** The gateway, and a session of each user. */
export interface LdapBench {
  readonly gateway: BenchGateway;
  readonly slapd: Slapd;
  readonly cookies: readonly string[];
}

/** Starts both. `keep` receives what is to be stopped; `more` are options of the directory. */
export async function startLdapBench(
  options: BenchGatewayOptions,
  keep: (started: { stop(): unknown }) => void,
  more: Readonly<Record<string, string>> = {},
): Promise<LdapBench> {
  const slapd = await startSlapd();
  keep(slapd);
  const names = Array.from({ length: USERS }, (_, i) => `user${i}`);
  await fill(slapd, names);
  const directory = {
    type: 'ldap',
    preset: 'openldap',
    url: slapd.url,
    base: BASE,
    bind_dn: SEARCHER.dn,
    bind_password: SEARCHER.password,
    // Known before anything is read.
    fields: { id: 'uid' },
    ...more,
  };
  const gateway = await startBenchGateway({
    ...options,
    directories: JSON.stringify([directory]),
    policies: '[{ type: group, any: [staff] }]',
  });
  keep(gateway);
  const ids = names.map((name) => `ldap/${name}`);
  return { gateway, slapd, cookies: await mintSessions(gateway.configFile, USERS, ids) };
}

/** Users, all in one group. */
async function fill(slapd: Slapd, names: readonly string[]): Promise<void> {
  const dnOf = (name: string): string => `uid=${name},${BASE}`;
  const people = names.map((name) =>
    [
      `dn: ${dnOf(name)}`,
      'changetype: add',
      'objectClass: inetOrgPerson',
      `uid: ${name}`,
      `cn: ${name}`,
      `sn: ${name}`,
    ].join('\n'),
  );
  const members = names.map((name) => `member: ${dnOf(name)}`).join('\n');
  const group = `dn: cn=staff,${GROUPS}\nchangetype: add\nobjectClass: groupOfNames\ncn: staff\n${members}`;
  await slapd.modify([...people, group].join('\n\n'));
}
