/**
 * The measured gateway: a separate process as an operator runs it, with decision log and metrics.
 * Its log goes through a pipe that is read and discarded.
 */
import { spawn } from 'node:child_process';
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
  /** Folder of the source to run; this repository by default. */
  readonly root?: string;
  /** The `state` value. */
  readonly state: string;
  /** Port of the app behind it. */
  readonly upstream: number;
  readonly env?: Readonly<Record<string, string>>;
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

/** One route, `app.gw.test`, for alice alone unless the options say otherwise. */
export async function startBenchGateway(options: BenchGatewayOptions): Promise<BenchGateway> {
  const {
    root = ROOT,
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
flows: ${join(root, 'flows')}
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
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve', '-c', configFile], {
    env: { ...process.env, ...options.env },
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
