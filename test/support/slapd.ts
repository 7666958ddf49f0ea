/**
 * A real slapd on its own ports and folder, with TLS by an authority of the test. The database is
 * empty except for its base.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { authority, certificate, keyPem, SERVER_AUTH } from './certificate.ts';
import { needBinary } from './packages.ts';
import { freePort } from './ports.ts';
import { isListening } from './program.ts';
import { until } from './until.ts';

export const BASE = 'dc=example,dc=com';
export const GROUPS = `ou=groups,${BASE}`;
const ADMIN = { dn: `cn=admin,${BASE}`, password: 'admin secret' };
/** The account that searches; see `searcher`. */
export const SEARCHER = { dn: `cn=doorward,${BASE}`, password: 'search secret' };

/** A running server. */
export interface Slapd {
  /** `ldap://localhost:PORT`, which also accepts StartTLS, and `ldaps://localhost:PORT`. */
  readonly url: string;
  readonly secureUrl: string;
  readonly port: number;
  /** PEM file with the authority of its certificate. */
  readonly ca: string;
  /** Applies changes in LDIF, as the administrator. */
  modify(ldif: string): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, with its data. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open, without answers. */
  pause(): void;
  resume(): void;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

/** Further lines of slapd.conf. */
export interface SlapdOptions {
  /** Names of files in Debian's folder of schemas, beside core, cosine, nis and inetorgperson. */
  readonly schemas?: readonly string[];
  /** Before the database. */
  readonly global?: string;
  /** Rules of access before ours. */
  readonly access?: string;
  /** After the database. */
  readonly overlays?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const run = promisify(execFile);

/** Starts a server. */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-slapd-'));
  const [port, securePort] = [await freePort(), await freePort()];
  const config = join(folder, 'slapd.conf');
  mkdirSync(join(folder, 'data'));
  const ca = writeCertificates(folder);
  writeFileSync(config, configuration(folder, options));
  chmodSync(config, 0o600);
  const url = `ldap://localhost:${port}`;
  const secureUrl = `ldaps://localhost:${securePort}`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`;
    const started = spawn(needBinary('slapd'), ['-h', urls, '-f', config, '-d', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    started.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    child = started;
    running.add(started);
    started.once('exit', () => running.delete(started));
    await until(`slapd on ${port}`, async () => {
      if (started.exitCode !== null) throw new Error(`slapd ended at start:\n${output}`);
      return (await isListening(port)) && (await isListening(securePort));
    });
  }
  async function end(): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.kill('SIGKILL');
    await once(ending, 'exit');
  }
  async function modify(ldif: string): Promise<void> {
    const given = ['-x', '-H', `ldap://127.0.0.1:${port}`, '-D', ADMIN.dn, '-w', ADMIN.password];
    const file = join(folder, 'changes.ldif');
    writeFileSync(file, `${ldif}\n`);
    await run(needBinary('ldapmodify'), [...given, '-a', '-f', file]);
  }
  await start();
  await modify(`dn: ${BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${SEARCHER.dn}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: doorward
userPassword: ${SEARCHER.password}

dn: ${GROUPS}
objectClass: organizationalUnit
ou: groups
`);
  return {
    url,
    secureUrl,
    port,
    ca,
    modify,
    kill: end,
    start,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeCertificates(folder: string): string {
  const issuer = authority();
  const server = certificate(
    { names: ['localhost'], dns: ['localhost'], usages: [SERVER_AUTH] },
    issuer,
  );
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, issuer.pem);
  writeFileSync(join(folder, 'server.pem'), server.pem);
  writeFileSync(join(folder, 'key.pem'), keyPem(server), { mode: 0o600 });
  return ca;
}

function configuration(folder: string, options: SlapdOptions): string {
  const { schemas = [], global = '', access = '', overlays = '' } = options;
  const all = ['core', 'cosine', 'nis', 'inetorgperson', ...schemas];
  return `${all.map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
${global}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/key.pem
database mdb
suffix ${BASE}
rootdn ${ADMIN.dn}
rootpw "${ADMIN.password}"
directory ${folder}/data
dbnosync
maxsize 33554432
index objectClass,entryUUID,uid,mail,member eq
${access}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${SEARCHER.dn}" read by * none
${overlays}
`;
}
