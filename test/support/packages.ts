/**
 * Real programs that tests need: found on this machine, or installed from Debian if we are root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLong } from './long.ts';

/** A program, its possible names, and the Debian package that contains it. */
export interface Part {
  readonly name: string;
  readonly binaries: readonly string[];
  readonly debian: string;
}

/** Clients, and apps for them: programs and packages of the same name. */
const CLIENTS = [
  'rclone',
  'litmus',
  'cadaver',
  'radicale',
  'vdirsyncer',
  'docker-registry',
  'skopeo',
  ...(isLong ? ['jupyter-notebook'] : []),
];

/** A domain controller, and what creates one. */
const SAMBA = [
  { name: 'samba', binaries: ['samba'], debian: 'samba-ad-dc' },
  { name: 'samba-tool', binaries: ['samba-tool'], debian: 'samba-ad-provision' },
];

/** What the tests need besides Node. redis-server includes Sentinel and Cluster. */
export const PARTS: readonly Part[] = [
  { name: 'redis-server', binaries: ['redis-server'], debian: 'redis-server' },
  { name: 'postgres', binaries: ['postgres'], debian: 'postgresql' },
  { name: 'slapd', binaries: ['slapd'], debian: 'slapd' },
  { name: 'ldapmodify', binaries: ['ldapmodify'], debian: 'ldap-utils' },
  { name: 'nginx', binaries: ['nginx'], debian: 'nginx' },
  { name: 'caddy', binaries: ['caddy'], debian: 'caddy' },
  { name: 'haproxy', binaries: ['haproxy'], debian: 'haproxy' },
  { name: 'apache2', binaries: ['apache2'], debian: 'apache2' },
  { name: 'lighttpd', binaries: ['lighttpd'], debian: 'lighttpd' },
  { name: 'binutils', binaries: ['strip'], debian: 'binutils' },
  ...(isLong ? SAMBA : []),
  ...CLIENTS.map((name) => ({ name, binaries: [name], debian: name })),
  {
    name: 'chromium',
    // A whole browser draws windows of its own, which takes several times the processor time.
    binaries: [
      'chromium-headless-shell',
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
    ],
    debian: 'chromium-headless-shell',
  },
];

/** What `DOORWARD_TEST_WITHOUT` excludes. */
const LEFT_OUT = new Set(
  (process.env.DOORWARD_TEST_WITHOUT ?? '').split(/[\s,]+/).filter((name) => name !== ''),
);

/** Whether `DOORWARD_TEST_WITHOUT` names this part, so that its tests may be skipped. */
export function isLeftOut(name: string): boolean {
  return LEFT_OUT.has(name);
}

/** Full path of a part or a program, or null. Daemons are in sbin, which is not on every PATH. */
export function findBinary(name: string): string | null {
  const names = PARTS.find((part) => part.name === name)?.binaries ?? [name];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...folders, '/usr/local/sbin', '/usr/sbin', '/sbin', ...versions()]) {
    const found = names.map((n) => join(folder, n)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return null;
}

/** Where Debian keeps the servers of Postgres, one folder for each version; the newest first. */
function versions(): readonly string[] {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder).toSorted((a, b) => Number(b) - Number(a));
  return all.map((version) => join(folder, version, 'bin'));
}

/** Full path of a part, or an error with the remedy. */
export function needBinary(name: string): string {
  const found = findBinary(name);
  if (found === null) throw new Error(`${name} is not on PATH; ${remedy([name])}`);
  return found;
}

/** Parts that are neither installed nor excluded. */
function missingParts(): readonly Part[] {
  return PARTS.filter((part) => !isLeftOut(part.name) && findBinary(part.name) === null);
}

/** Installs what is missing; one process at a time. Throws one line with the remedy. */
export async function installMissing(): Promise<void> {
  if (missingParts().length === 0) return;
  const apt = existsSync('/etc/debian_version') ? findBinary('apt-get') : null;
  if (apt !== null && process.getuid?.() === 0) await underLock(() => install(apt));
  const missing = missingParts();
  if (missing.length > 0) throw new Error(remedy(missing.map((part) => part.name)));
}

function remedy(names: readonly string[]): string {
  const packages = names.map((name) => PARTS.find((p) => p.name === name)?.debian ?? name);
  return `tests need ${names.join(', ')}: apt-get install -y ${packages.join(' ')}, or leave out what needs them with DOORWARD_TEST_WITHOUT=${names.join(',')}`;
}

function install(apt: string): void {
  const packages = missingParts().map((part) => part.debian);
  if (packages.length === 0) return;
  console.log(`installing ${packages.join(', ')} from Debian`);
  // Packages must not start their services: ports 80 and 6379 may be in use.
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    // A stale index is no reason to stop: the packages may still be available.
    spawnSync(apt, ['update', '-qq'], { env, stdio: 'ignore', timeout: 300_000 });
    execFileSync(apt, ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 900_000,
    });
  } catch (caught) {
    throw new Error(`${remedy(missingParts().map((p) => p.name))} (apt-get failed)`, {
      cause: caught,
    });
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

/** Waits while another process installs; takes over the lock of a process that is gone. */
async function underLock(work: () => void): Promise<void> {
  const path = join(tmpdir(), 'doorward-test-install.lock');
  while (!takeLock(path)) {
    if (!isRunning(Number(readLock(path)))) rmSync(path, { force: true });
    await delay(200);
  }
  try {
    work();
  } finally {
    rmSync(path, { force: true });
  }
}

function takeLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeFileSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (caught) {
    if ((caught as { code?: string }).code === 'EEXIST') return false;
    throw caught;
  }
}

function readLock(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It disappeared meanwhile, so its owner does not matter.
    return '';
  }
}

function isRunning(pid: number): boolean {
  // An empty lock was just created and gets its process id in a moment.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (caught) {
    return (caught as { code?: string }).code === 'EPERM';
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing, or not executable: both mean "not found".
    return false;
  }
}
