/**
 * A real domain controller of Samba, which has Active Directory's schema, rules and errors, on an
 * address of the loopback network. It needs root, and some seconds of processor time to be created.
 */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { authority, certificate, keyPem, SERVER_AUTH } from './certificate.ts';
import { needBinary } from './packages.ts';
import { startProgram } from './program.ts';

export const DOMAIN = 'dc=example,dc=com';
/** Below it are the users and groups of tests. */
export const HOUSE = `ou=house,${DOMAIN}`;
const ADMIN = { name: 'administrator@example.com', password: 'Correct-horse-1' };

/** A running domain controller. */
export interface Samba {
  /** `ldap://ADDRESS`, which accepts StartTLS. */
  readonly url: string;
  /** PEM file with the authority of its certificate. */
  readonly ca: string;
  /** The account that searches, an ordinary user of the domain. */
  readonly searcher: { readonly name: string; readonly password: string };
  /** Applies changes in LDIF, as the administrator. */
  modify(ldif: string): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** Creates a domain and starts its controller. */
export async function startSamba(): Promise<Samba> {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-samba-'));
  // Its ports cannot be chosen, so each one has an address of its own.
  const address = `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
  const ca = writeCertificates(folder, address);
  const options = optionsOf(folder, address);
  const tool = (...args: string[]) => run(needBinary('samba-tool'), [...args, ...options]);
  const domain = ['--realm=EXAMPLE.COM', '--domain=EXAMPLE', '--dns-backend=NONE'];
  const host = ['--server-role=dc', '--host-name=dc1', `--host-ip=${address}`];
  const password = `--adminpass=${ADMIN.password}`;
  await tool('domain', 'provision', ...domain, ...host, password, `--targetdir=${folder}`);
  const file = `--configfile=${join(folder, 'etc/smb.conf')}`;
  const lax = ['--complexity=off', '--min-pwd-length=0', '--history-length=0', '--min-pwd-age=0'];
  await tool('domain', 'passwordsettings', 'set', file, ...lax);
  const url = `ldap://${address}`;
  const given = ['-x', '-ZZ', '-H', url, '-D', ADMIN.name, '-w', ADMIN.password];
  const env = { ...process.env, LDAPTLS_CACERT: ca };
  const isReady = (): Promise<boolean> =>
    run(needBinary('ldapsearch'), [...given, '-b', DOMAIN, '-s', 'base'], { env }).then(
      () => true,
      () => false,
    );
  const args = ['--interactive', '--model=single', file, ...options];
  const program = await startProgram(needBinary('samba'), args, { isReady });
  const modify = async (ldif: string): Promise<void> => {
    const changes = join(folder, 'changes.ldif');
    writeFileSync(changes, `${ldif}\n`);
    await run(needBinary('ldapmodify'), [...given, '-a', '-f', changes], { env });
  };
  const searcher = { name: 'doorward@example.com', password: 'search secret' };
  await modify(`dn: ${HOUSE}
objectClass: organizationalUnit

dn: cn=doorward,cn=users,${DOMAIN}
objectClass: user
sAMAccountName: doorward
userPrincipalName: ${searcher.name}
unicodePwd:: ${unicodePassword(searcher.password)}
userAccountControl: 512`);
  return {
    url,
    ca,
    searcher,
    modify,
    async stop() {
      await program.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A password as the attribute unicodePwd takes it, in Base64. */
export function unicodePassword(password: string): string {
  return Buffer.from(`"${password}"`, 'utf16le').toString('base64');
}

function optionsOf(folder: string, address: string): readonly string[] {
  return [
    'server services=ldap',
    `interfaces=${address}/8`,
    'bind interfaces only=yes',
    `log file=${folder}/log.%m`,
    // No extended attributes are needed of the file system.
    `posix:eadb=${folder}/private/eadb.tdb`,
    'tls enabled=yes',
    `tls cafile=${folder}/ca.pem`,
    `tls certfile=${folder}/server.pem`,
    `tls keyfile=${folder}/key.pem`,
    // By default, the former password is valid for another hour.
    'old password allowed period=0',
    `pid directory=${folder}/pid`,
    `ncalrpc dir=${folder}/ncalrpc`,
  ].map((option) => `--option=${option}`);
}

function writeCertificates(folder: string, address: string): string {
  const issuer = authority();
  const server = certificate(
    { names: [address], addresses: [address], usages: [SERVER_AUTH] },
    issuer,
  );
  for (const name of ['private', 'pid', 'ncalrpc']) mkdirSync(join(folder, name), { mode: 0o700 });
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, issuer.pem);
  writeFileSync(join(folder, 'server.pem'), server.pem);
  writeFileSync(join(folder, 'key.pem'), keyPem(server), { mode: 0o600 });
  return ca;
}
