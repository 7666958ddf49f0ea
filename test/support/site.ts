/**
 * A complete site from one of the examples, copied to a folder of its own with free ports: two
 * apps, a gateway with the example's configuration, ann (admins) and bea (no groups) added by the
 * command line, and a proxy that browsers connect to.
 */
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { freePort } from './ports.ts';
import type { Program } from './program.ts';
import { type Serving, serveHere } from './serving.ts';
import { until } from './until.ts';
import { startWebApp, type WebApp } from './web-app.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The password of ann and bea. */
export const PASSWORD = 'correct horse battery';

/** What a proxy is started with. */
export interface Place {
  /** The copy of the example. */
  readonly dir: string;
  /** Port that browsers connect to. */
  readonly port: number;
}

/** A way to a site: through the gateway itself, or through a proxy that queries it. */
export interface Door {
  readonly name: string;
  /** Folder below examples/. */
  readonly example: 'nginx' | 'caddy' | 'traefik' | 'haproxy';
  /** Starts the proxy in front; null: browsers connect to the gateway itself. */
  readonly start: ((place: Place) => Promise<Pick<Program, 'stop'>>) | null;
}

/** A running site. */
export interface Site {
  readonly door: Door;
  readonly dir: string;
  readonly port: number;
  /** Origins as browsers see them. */
  readonly portal: string;
  readonly wiki: string;
  readonly board: string;
  readonly apps: { readonly wiki: WebApp; readonly board: WebApp };
  /** Stops the gateway alone, and restarts it with the same state. */
  readonly stopGateway: () => Promise<void>;
  readonly startGateway: () => Promise<void>;
  /** Runs a command of the CLI on the site's configuration. */
  readonly run: (...args: readonly string[]) => ReturnType<typeof runCommand>;
  readonly close: () => Promise<void>;
}

/** Starts everything and waits until it is ready. */
export async function startSite(door: Door): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), `doorward-${door.example}-`));
  // An nginx that root started runs as another user.
  chmodSync(dir, 0o755);
  const apps = { wiki: await startWebApp('wiki'), board: await startWebApp('board') };
  const [port, inner, adminPort] = [await freePort(), await freePort(), await freePort()];
  copyExample(door.example, dir, {
    8080: port,
    4747: door.start === null ? port : inner,
    9001: apps.wiki.port,
    9002: apps.board.port,
  });
  const file = join(dir, 'doorward.yaml');
  if (door.start === null) {
    // No proxy in front, so no peer is trusted.
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('trusted_proxies: [127.0.0.1]', 'trusted_proxies: []'));
  }
  const user = async (name: string, ...options: string[]): Promise<void> => {
    const stdin = `${PASSWORD}\n`;
    const ran = await runCommand(['user', 'add', name, ...options, '-c', file], { stdin });
    if (ran.code !== 0) throw new Error(`user add ${name}: ${ran.err}`);
  };
  await user('ann', '--group', 'admins', '--group', 'staff');
  await user('bea', '--display-name', 'Béa Ünsal 😈');
  const env = { DOORWARD_ADMIN__LISTEN: `127.0.0.1:${adminPort}` };
  const startGateway = async (): Promise<Serving> => {
    const serving = serveHere({ file, env });
    await until('the gateway is ready', () => {
      if (serving.isOver()) throw new Error(`the gateway ended at start:\n${serving.output()}`);
      return isReady(adminPort);
    });
    return serving;
  };
  const stopGateway = async (): Promise<void> => {
    gateway.signal('SIGTERM');
    await gateway.ended;
  };
  let gateway = await startGateway();
  const front = door.start === null ? null : await door.start({ dir, port });
  return {
    door,
    dir,
    port,
    portal: `http://auth.demo.localhost:${port}`,
    wiki: `http://wiki.demo.localhost:${port}`,
    board: `http://board.demo.localhost:${port}`,
    apps,
    stopGateway,
    async startGateway() {
      gateway = await startGateway();
    },
    run: (...args) => runCommand([...args, '-c', file]),
    async close() {
      await front?.stop();
      await stopGateway();
      await apps.wiki.close();
      await apps.board.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The files of the example, with only ports and their location changed. */
function copyExample(name: string, dir: string, ports: Readonly<Record<number, number>>): void {
  const from = join(ROOT, 'examples', name);
  cpSync(from, dir, { recursive: true });
  for (const file of readdirSync(dir)) {
    const text = readFileSync(join(dir, file), 'utf8');
    const changed = text
      .replace(/\b(?:8080|4747|9001|9002)\b/g, (port) => String(ports[Number(port)]))
      .replaceAll(`examples/${name}/`, `${dir}/`);
    writeFileSync(join(dir, file), changed);
  }
}

/** Whether a gateway's readiness check passes. */
export function isReady(adminPort: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}
