/**
 * The measured gateway: a separate process as an operator runs it, with decision log and metrics.
 * Its log goes through a pipe that is read and discarded.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from '@node-rs/argon2';
import { freePort } from '../support/ports.ts';
import { type Running, up } from './servers.ts';

/** A running gateway. */
export interface BenchGateway extends Running {
  readonly configFile: string;
}

/** The options of its start. */
export interface BenchGatewayOptions {
  /** The `state` value. */
  readonly state: string;
  /** Port of the app behind it. */
  readonly upstream: number;
  /** The `directories` value in place of the file with alice. */
  readonly directories?: string;
  /** The `policies` of the route in place of alice alone. */
  readonly policies?: string;
  /** The `accepts` of the route, with `basic_passwords`; sessions alone by default. */
  readonly accepts?: string;
  /** YAML at the top level. */
  readonly extra?: string;
}

const ROOT = join(import.meta.dirname, '../..');
/** The same for all gateways of a run, so that a ticket is valid at each. */
const SECRET = randomBytes(48).toString('base64url');
/** The password of alice. */
export const BENCH_PASSWORD = 'unused';
const HASH = hashSync(BENCH_PASSWORD, { memoryCost: 1024, timeCost: 1, parallelism: 1 });

const MAIN = join(ROOT, 'src/main.ts');

/** A configuration in a folder of its own, and what a gateway with it listens on. */
export interface BenchConfig {
  readonly dir: string;
  readonly configFile: string;
  readonly port: number;
}

/** One route, `app.gw.test`, for alice alone unless the options say otherwise. */
export async function writeBenchConfig(options: BenchGatewayOptions): Promise<BenchConfig> {
  const {
    directories = '[{ type: file, path: users.yaml }]',
    policies = '[{ type: user, any: [alice] }]',
    accepts,
    extra = '',
  } = options;
  const dir = mkdtempSync(join(tmpdir(), 'doorward-bench-'));
  const port = await freePort();
  const configFile = join(dir, 'doorward.yaml');
  writeFileSync(
    join(dir, 'users.yaml'),
    `users: { alice: { displayname: Alice Example, email: alice@example.test, password: "${HASH}", groups: [staff] } }\n`,
  );
  writeFileSync(
    configFile,
    `public_url: http://auth.gw.test:${port}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${await freePort()} }
state: ${options.state}
data_dir: ./data
flows: ${join(ROOT, 'flows')}
directories: ${directories}
session: { cookie_domains: [gw.test], secrets: [${SECRET}] }
trusted_proxies: [127.0.0.1]
routes:
  - id: app
    host: app.gw.test
    upstream: "http://127.0.0.1:${options.upstream}"
    policies: ${policies}
${accepts === undefined ? '' : `    accepts: ${accepts}\n    basic_passwords: true\n`}${extra}
`,
  );
  return { dir, configFile, port };
}

/** Starts a gateway with a configuration of its own. */
export async function startBenchGateway(options: BenchGatewayOptions): Promise<BenchGateway> {
  const { dir, configFile, port } = await writeBenchConfig(options);
  const child = spawn(process.execPath, [MAIN, 'serve', '-c', configFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  const running = await up(child, port);
  return {
    ...running,
    configFile,
    stop() {
      running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Runs a command of ours; what it prints. */
export function runCommand(configFile: string, ...line: string[]): string {
  return execFileSync(process.execPath, [MAIN, ...line, '-c', configFile], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
  });
}

/** The text of a new token. */
export function createToken({ configFile }: BenchGateway, user: string): string {
  return runCommand(configFile, 'token', 'create', user, '--name', 'bench').trim();
}
