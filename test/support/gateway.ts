/** A whole Doorward as its own process, in a folder of its own, for journeys. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from '@node-rs/argon2';
import { type Hashing, preloadsFor, type Ran, runCommand } from './command.ts';
import { freePort } from './ports.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** The password of every test user. */
export const PASSWORD = 'correct horse battery';
/** Cheap on purpose: these journeys are not about hashing. */
export const HASH = hashSync(PASSWORD, { memoryCost: 1024, timeCost: 1, parallelism: 1 });

/** alice: no groups · bob: admins · carol: staff · dan: disabled. */
const USERS = `users:
  alice: { displayname: Alice Example, email: alice@example.test, password: "${HASH}", groups: [] }
  bob: { displayname: Bob Example, email: bob@example.test, password: "${HASH}", groups: [admins, staff] }
  carol: { displayname: Carol Example, email: carol@example.test, password: "${HASH}", groups: [staff] }
  dan: { displayname: Dan Example, email: dan@example.test, password: "${HASH}", groups: [staff], disabled: true }
  evil: { displayname: "Eve \u{1F608} Ünsal", email: eve@example.test, password: "${HASH}", groups: [] }
`;

/** A gateway that runs. */
export interface Gateway {
  readonly dir: string;
  readonly configFile: string;
  readonly port: number;
  readonly adminPort: number;
  /** `http://auth.gw.test:PORT`. */
  readonly portal: string;
  /** `http://NAME.gw.test:PORT`. */
  readonly app: (name: string) => string;
  readonly process: () => ChildProcess;
  /** All it has written so far. */
  readonly output: () => string;
  /** Runs a command of the CLI on this configuration. */
  readonly run: (args: readonly string[], stdin?: string) => Promise<Ran>;
  /** Ends the process (SIGTERM unless told) and waits for it. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts it again on the same folder and ports. */
  readonly start: () => Promise<void>;
  /** Ends it and removes the folder. */
  readonly remove: () => Promise<void>;
}

/** What a test wants of its gateway. */
export interface GatewayOptions {
  /** YAML of `routes:` and whatever else; `public_url`, `listen`, `admin` and so on are put before it. */
  readonly config: (ports: { readonly port: number }) => string;
  /** The `state` value. */
  readonly state?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The `listen` value, in place of the port alone; `dir` is the gateway's folder. */
  readonly listen?: (place: { readonly port: number; readonly dir: string }) => string;
  /** Portal's port as browsers see it, when a proxy stands before it. */
  readonly publicPort?: number;
  /** A users file in place of the usual one. */
  readonly users?: string;
  /** The `directories` value; the users file unless given. */
  readonly directories?: string;
  /** Flow files by name, in place of the shipped ones. */
  readonly flows?: Readonly<Record<string, string>>;
  /** Quick unless a test is about the price of passwords. */
  readonly hashing?: Hashing;
}

/** Starts a gateway and waits until it is ready. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-'));
  const port = await freePort();
  const adminPort = await freePort();
  const publicPort = options.publicPort ?? port;
  const configFile = join(dir, 'doorward.yaml');
  writeFileSync(join(dir, 'users.yaml'), options.users ?? USERS);
  if (options.flows !== undefined) {
    mkdirSync(join(dir, 'flows'));
    for (const [name, text] of Object.entries(options.flows)) {
      writeFileSync(join(dir, 'flows', `${name}.yaml`), text);
    }
  }
  writeFileSync(
    configFile,
    `public_url: http://auth.gw.test:${publicPort}
listen: ${options.listen?.({ port, dir }) ?? `127.0.0.1:${port}`}
admin: { listen: 127.0.0.1:${adminPort} }
state: ${options.state ?? 'embedded'}
data_dir: ./data
${options.flows === undefined ? '' : 'flows: ./flows\nflows_only: true'}
directories: ${options.directories ?? '[{ type: file, path: users.yaml }]'}
${options.config({ port })}`,
  );
  let child: ChildProcess;
  let output = '';
  const start = async (): Promise<void> => {
    output = '';
    child = spawn(
      process.execPath,
      [...preloadsFor(options.hashing), MAIN, 'serve', '-c', configFile],
      {
        env: { ...process.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await untilReady(child, adminPort, () => output);
  };
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve();
        return;
      }
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  await start();
  return {
    dir,
    configFile,
    port,
    adminPort,
    portal: `http://auth.gw.test:${publicPort}`,
    app: (name) => `http://${name}.gw.test:${publicPort}`,
    process: () => child,
    output: () => output,
    run: (args, stdin = '') => runCommand([...args, '-c', configFile], { ...options, stdin }),
    stop,
    start,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the gateway ended at start:\n${output()}`);
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks again until it is so; the deadline is the test's own. */
export async function until(claim: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await claim())) await new Promise((resolve) => setTimeout(resolve, 10));
}
