/** A whole Doorward in a folder of its own, for journeys. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from '@node-rs/argon2';
import { type Hashing, type Ran, runCommand } from './command.ts';
import { freePort } from './ports.ts';
import { type Serving, type ServingOptions, serveHere, spawnServing } from './serving.ts';

/** The password of every test user. */
export const PASSWORD = 'correct horse battery';
/** Cheap on purpose: these journeys do not concern hashing. */
export const HASH = hashSync(PASSWORD, { memoryCost: 1024, timeCost: 1, parallelism: 1 });

/** alice: no groups · bob: admins · carol: staff · dan: disabled. */
const USERS = `users:
  alice: { displayname: Alice Example, email: alice@example.test, password: "${HASH}", groups: [] }
  bob: { displayname: Bob Example, email: bob@example.test, password: "${HASH}", groups: [admins, staff] }
  carol: { displayname: Carol Example, email: carol@example.test, password: "${HASH}", groups: [staff] }
  dan: { displayname: Dan Example, email: dan@example.test, password: "${HASH}", groups: [staff], disabled: true }
  evil: { displayname: "Eve \u{1F608} Ünsal", email: eve@example.test, password: "${HASH}", groups: [] }
`;

/** A running gateway. */
export interface Gateway {
  readonly dir: string;
  readonly configFile: string;
  readonly port: number;
  readonly adminPort: number;
  /** `http://auth.gw.test:PORT`. */
  readonly portal: string;
  /** `http://NAME.gw.test:PORT`. */
  readonly app: (name: string) => string;
  /** Its output so far. */
  readonly output: () => string;
  /** Runs a command of the CLI on this configuration. */
  readonly run: (args: readonly string[], stdin?: string) => Promise<Ran>;
  /** Sends SIGHUP, on which it reloads. */
  readonly hangUp: () => void;
  /** Ends it (by SIGTERM by default) and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts it again on the same folder and ports. */
  readonly start: () => Promise<void>;
  /** Stops it and removes the folder. */
  readonly remove: () => Promise<void>;
}

/** A gateway in a process of its own. */
export interface SpawnedGateway extends Gateway {
  readonly process: () => ChildProcess;
}

/** What a `listen` value is made of. */
interface ListenPlace {
  readonly port: number;
  readonly dir: string;
  readonly spare: number;
}

/** The options of a test's gateway. */
export interface GatewayOptions {
  /**
   * YAML of `routes:` and other keys; `public_url`, `listen`, `admin` and so on are added before
   * it.
   */
  readonly config: (ports: { readonly port: number }) => string;
  /** The `state` value. */
  readonly state?: string;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The `listen` value, in place of the port alone; `dir` is the gateway's folder, `spare` another free
   * port.
   */
  readonly listen?: (place: ListenPlace) => string;
  /** The portal's port as browsers see it, with a proxy in front. */
  readonly publicPort?: number;
  /** A users file in place of the usual one. */
  readonly users?: string;
  /** The `directories` value; the users file unless given. */
  readonly directories?: string;
  /** Flow files by name, in place of the shipped ones. */
  readonly flows?: Readonly<Record<string, string>>;
  /** Fast, unless a test concerns the cost of passwords. */
  readonly hashing?: Hashing;
}

/** Where a gateway is. */
type Place = Pick<Gateway, 'dir' | 'configFile' | 'port' | 'adminPort'> & {
  readonly publicPort: number;
};

/** Writes its folder. */
async function prepare(options: GatewayOptions): Promise<Place> {
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
listen: ${options.listen?.({ port, dir, spare: await freePort() }) ?? `127.0.0.1:${port}`}
admin: { listen: 127.0.0.1:${adminPort} }
state: ${options.state ?? 'embedded'}
data_dir: ./data
${options.flows === undefined ? '' : 'flows: ./flows\nflows_only: true'}
directories: ${options.directories ?? '[{ type: file, path: users.yaml }]'}
${options.config({ port })}`,
  );
  return { dir, configFile, port, adminPort, publicPort };
}

/**
 * Starts a gateway in the process of the test and waits until it is ready: one more process takes a second
 * of processor time.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  return (await startIn(serveHere, options)).gateway;
}

/** Starts a gateway in a process of its own, for tests of processes, of time and of memory. */
export async function spawnGateway(options: GatewayOptions): Promise<SpawnedGateway> {
  const { gateway, serving } = await startIn(spawnServing, options);
  return { ...gateway, process: () => serving().process };
}

async function startIn<S extends Serving>(
  begin: (serving: ServingOptions) => S,
  options: GatewayOptions,
): Promise<{ readonly gateway: Gateway; readonly serving: () => S }> {
  const { dir, configFile, port, adminPort, publicPort } = await prepare(options);
  const { env, hashing } = options;
  let serving: S;
  const start = async (): Promise<void> => {
    serving = begin({ file: configFile, env, hashing });
    await untilReady(serving, adminPort);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!serving.isOver()) serving.signal(signal);
    await serving.ended;
  };
  await start();
  const gateway: Gateway = {
    dir,
    configFile,
    port,
    adminPort,
    portal: `http://auth.gw.test:${publicPort}`,
    app: (name) => `http://${name}.gw.test:${publicPort}`,
    output: () => serving.output(),
    run: (args, stdin = '') => runCommand([...args, '-c', configFile], { ...options, stdin }),
    hangUp: () => serving.signal('SIGHUP'),
    stop,
    start,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return { gateway, serving: () => serving };
}

async function untilReady(serving: Serving, port: number): Promise<void> {
  for (;;) {
    if (serving.isOver()) throw new Error(`the gateway ended at start:\n${serving.output()}`);
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Repeats until the condition holds; the test's own deadline applies. */
export async function until(claim: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await claim())) await new Promise((resolve) => setTimeout(resolve, 10));
}
