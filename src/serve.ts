/**
 * `doorward serve`: from a configuration file to a listening gateway and gracefully back.
 * Opens the state before it listens, and stops listening before it closes the state.
 */
import { once } from 'node:events';
import { chmod, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createAdminServer } from './admin/listener.ts';
import { banner } from './cli/banner.ts';
import type { ExitCode } from './cli/tools.ts';
import { composeBacking, composeGateway, systemClock, systemRandom } from './compose.ts';
import { formatFaults } from './config/fault.ts';
import { isLoopback, type ListenAddress } from './config/listen-address.ts';
import { watchConfiguration } from './config/reload.ts';
import type { Settings } from './config/settings.ts';
import type { Stores, WritableDirectory } from './core/ports.ts';
import { asProblem, Problem } from './core/problem.ts';
import type { Snapshot } from './core/snapshot.ts';
import { startDemoApps } from './demo/demo-apps.ts';
import { effectiveSecrets, firstUsers, refuseDemoUsers } from './first-run.ts';
import { fanOut } from './sinks/fan-out.ts';
import { openLogDestination } from './sinks/log/destination.ts';
import { createLog, type Log } from './sinks/log/log.ts';
import { createMetrics } from './sinks/metrics/metrics.ts';
import { timedStores } from './sinks/metrics/timed-stores.ts';
import { addressText, isWritable, load, version } from './tools.ts';

/** Longest time for requests under way once the end was asked for, in milliseconds. */
const GRACE = 25_000;

/** Closed in reverse order of opening, whatever fails. */
type Closing = () => unknown;

/** Runs until a signal ends it. */
export async function serve(file: string): Promise<ExitCode> {
  const isTty = process.stdout.isTTY;
  const log = createLog({ destination: openLogDestination(1), tty: isTty, clock: systemClock });
  const closings: Closing[] = [];
  try {
    return await run(file, log, isTty, closings);
  } finally {
    for (const close of closings.reverse()) {
      try {
        await close();
      } catch (cause) {
        // Named fallback: the next one is closed all the same, and the log says what failed.
        log.emit({ type: 'fault', code: 'stop', requestId: null, cause });
      }
    }
    await log.drain();
  }
}

async function run(file: string, log: Log, tty: boolean, closings: Closing[]): Promise<ExitCode> {
  let loaded = await load(file);
  let demoOrigins: Parameters<typeof load>[1];
  if (loaded.ok && loaded.settings.demos.length > 0) {
    const demo = await startDemoApps();
    closings.push(() => demo.close());
    demoOrigins = { whoami: demo.whoami, notes: demo.notes };
    loaded = await load(file, demoOrigins);
  }
  if (!loaded.ok) {
    process.stderr.write(formatFaults(loaded.faults));
    return 1;
  }
  const { settings } = loaded;
  const metrics = createMetrics({ version, sessions: () => stores.sessions.count() });
  const events = fanOut([log, metrics]);
  const reload = watchConfiguration({
    first: loaded,
    load: () => load(file, demoOrigins),
    onReload(outcome) {
      events.emit({
        type: 'reload',
        ok: outcome.ok,
        faults: outcome.ok ? 0 : outcome.faults.length,
      });
      if (!outcome.ok) log.say('error', 'configuration refused', { faults: outcome.faults });
      else if (outcome.needsRestart.length > 0) {
        log.say('warn', 'restart to change these', { options: outcome.needsRestart });
      }
      if (outcome.ok) gateway?.sockets.recheckAll();
    },
  });
  closings.push(() => reload.close());
  const { live } = reload;
  const secrets = await effectiveSecrets(settings.secrets, settings.dataDir);
  const backing = composeBacking(settings, secrets, events, () => live.current.site.origin);
  const stores: Stores = timedStores(await backing.openStores(), metrics.observeStore);
  closings.push(() => stores.close());
  const accounts = await backing.openAccounts();
  closings.push(() => accounts.close());
  const { lost } = await accounts.renewSeals();
  if (lost > 0) {
    log.say('warn', 'authenticators sealed by no secret of session.secrets', { count: lost });
  }
  const mailer = await backing.openMailer();
  closings.push(() => mailer?.close());
  if (settings.mail?.kind.type === 'file') {
    log.say('warn', 'no mail server: letters are written to files', {
      folder: `${settings.dataDir}/mail`,
    });
  }
  const directories = await backing.openDirectories();
  closings.push(() => Promise.all(directories.map((directory) => directory.close())));
  const users = directories.find(isWritable) as WritableDirectory | undefined;
  if (users !== undefined && !settings.listen.every(isLoopback)) await refuseDemoUsers(users);
  const first =
    users === undefined || settings.demos.length === 0
      ? []
      : await firstUsers(users, backing.passwords, systemRandom, settings.dataDir);

  const gateway = composeGateway({
    live,
    settings,
    backing,
    stores,
    accounts,
    mailer,
    directories,
    users: users ?? null,
    events,
  });
  closings.push(() => gateway.close());
  let isStopping = false;
  const servers: Server[] = [];
  for (const address of settings.listen) {
    servers.push(await listen(gateway.createServer(), address, closings));
  }
  if (settings.admin !== null) {
    const ready = async () => {
      if (isStopping) return { ok: false, problems: ['stopping'] };
      try {
        await stores.ping();
        return { ok: true, problems: [] };
      } catch (caught) {
        // Named fallback: not ready, and /readyz says why.
        return { ok: false, problems: [asProblem(caught).code] };
      }
    };
    const admin = await listen(createAdminServer({ ready, metrics }), settings.admin, closings);
    closings.push(() => admin.closeAllConnections());
  }
  process.stdout.write(greeting(settings, live.current, first, tty));
  const onHangup = (): void => void reload.reload();
  process.on('SIGHUP', onHangup);
  closings.push(() => process.off('SIGHUP', onHangup));
  const signal = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  isStopping = true;
  log.say('info', 'stopping', { signal: String(signal[0] ?? '') });
  gateway.sockets.shutdown();
  await Promise.all(servers.map(drain));
  return 0;
}

async function listen(
  server: Server,
  address: ListenAddress,
  closings: Closing[],
): Promise<Server> {
  const failed = once(server, 'error').then(([cause]: unknown[]) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Problem(
      'listen/failed',
      `${addressText(address)} cannot be listened on (${code}): is another process there?`,
      { cause },
    );
  });
  if (address.kind === 'unix') {
    // What a killed process left behind would be in the way.
    await unlink(address.path).catch(() => undefined);
    server.listen(address.path);
  } else server.listen(address.port, address.host);
  await Promise.race([once(server, 'listening'), failed]);
  failed.catch(() => undefined);
  if (address.kind === 'unix') await chmod(address.path, 0o660);
  closings.push(() => server.close());
  return server;
}

/** No new requests; those under way may finish; then everything is cut. */
async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(cut);
}

function greeting(
  settings: Settings,
  snapshot: Snapshot,
  first: Awaited<ReturnType<typeof firstUsers>>,
  tty: boolean,
): string {
  const { site, table } = snapshot;
  const port = site.port === 0 ? '' : `:${site.port}`;
  const isDemo = settings.demos.length > 0;
  const apps = table.routes.map((route) => ({
    kind: isDemo ? 'Demo app' : 'App',
    url: `${site.scheme}://${route.hosts[0]?.name ?? ''}${port}`,
    note: route.rules.some((rule) => rule.gate.bindings.length > 0)
      ? 'by rule'
      : 'signed-in people',
  }));
  const isEmbedded = settings.state.kind.type === 'embedded';
  return banner({
    version,
    startedIn: performance.now(),
    state: isEmbedded ? `embedded state in ${settings.dataDir}, no Redis needed` : 'state in Redis',
    portal: site.origin,
    apps,
    admin: settings.admin === null ? null : `http://${addressText(settings.admin)}`,
    firstUsers: first,
    firstUsersFile: 'data/first-sign-in.txt',
    tty,
  });
}
