/** The contract of directories over a real slapd, with the users of OpenLDAP and of Active Directory. */
import { afterAll, beforeAll, describe } from 'vitest';
import { ACTIVE_DIRECTORY_SCHEMA, ldapBench } from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { directoryContract } from './directories.suite.ts';

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  beforeAll(async () => {
    server = await startSlapd({ global: ACTIVE_DIRECTORY_SCHEMA });
  });
  afterAll(() => server?.stop());

  directoryContract('ldap', () => ldapBench(server, 'openldap'));
  directoryContract('ldap, in a slapd with attributes of Active Directory', () =>
    ldapBench(server, 'active_directory'),
  );
});
