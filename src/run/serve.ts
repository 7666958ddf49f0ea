/**
 * `doorward serve`: from a configuration file to a listening gateway and gracefully back.
 * Opens the state before it listens, and stops listening before it closes the state.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { type AdminOptions, createAdminServer } from '../admin/listener.ts';
import type { FirstUser } from '../cli/shell/banner.ts';
import type { Chosen, ExitCode } from '../cli/shell/context.ts';
import { formatFaults } from '../config/faults/fault.ts';
import { type ReloadOutcome, watchConfiguration } from '../config/reload.ts';
import type { ListenAddress } from '../config/settings/listen-address.ts';
import { type Demo, plainSettings, type Settings } from '../config/settings/settings.ts';
import type { EventSink } from '../core/access/event.ts';
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import { asProblem } from '../core/values/problem.ts';
import { fanOut } from '../sinks/fan-out.ts';
import { createLog, type Log } from '../sinks/log/log.ts';
import { createMetrics } from '../sinks/metrics/metrics.ts';
import { systemClock, systemRandom } from './backing/adapters.ts';
import { type OpenBacking, openBacking } from './backing/backing.ts';
import { type Closings, createClosings } from './backing/closings.ts';
import { load } from './backing/load.ts';
import { effectiveSecrets } from './backing/secrets.ts';
import { version } from './backing/version.ts';
import { inviteFirst } from './first/first-administrator.ts';
import { ADMIN_GROUP, firstUsers, refuseDemoUsers } from './first/first-run.ts';
import { greeting, isPreview } from './first/greeting.ts';
import { firstRunLock } from './first/lock.ts';
import { type Host, processHost } from './host.ts';
import { areLoopback, listen, probe, removeLeftovers } from './public/listening.ts';
import { openPublicSide, type PublicParts, type PublicSide } from './public/public-side.ts';

/** What all of a run share. */
interface Frame {
  readonly chosen: Chosen;
  readonly host: Host;
  readonly log: Log;
  readonly closings: Closings;
  readonly isUp: () => void;
}

/** Runs until a signal ends it. `isUp` is called once it has started, or cannot. */
export async function serve(
  chosen: Chosen,
  isUp: () => void,
  host: Host = processHost(),
): Promise<ExitCode> {
  const log = createLog({ destination: host.log, tty: host.stdout.isTTY, clock: systemClock });
  const closings = createClosings(log);
  try {
    return await run({ chosen, host, log, closings, isUp });
  } finally {
    isUp();
    await closings.closeAll();
  }
}

async function run(frame: Frame): Promise<ExitCode> {
  const { chosen, host, log, closings, isUp } = frame;
  const { env, signals, passwords } = host;
  const demos = demoApps(closings);
  const first = await load(chosen, { env, demos: demos.start });
  if (!first.ok) {
    host.stderr.write(formatFaults(first.faults));
    return 1;
  }
  const { settings } = first;
  let side: PublicSide | null = null;
  const metrics = createMetrics({ version, sessions: () => open.stores.sessions.count() });
  const events = fanOut([log, metrics]);
  const live = watch(frame, {
    first,
    load: () => load(chosen, { env, demos: demos.start, background: true }),
    onReload(outcome) {
      report(outcome, events, log);
      if (outcome.ok) side?.reconfigured();
    },
  });
  const secrets = await effectiveSecrets(settings.secrets, settings.dataDir);
  const open = await openBacking({ settings, secrets, live, events, metrics, closings, passwords });
  const { lost } = await open.accounts.renewSeals();
  if (lost > 0) {
    log.say('warn', 'authenticators cannot be opened with session.secrets', { count: lost });
  }
  const demoUsers = await firstPeople(settings, open);
  await removeLeftovers(settings.listen);
  const started = await openSide(frame, { settings, secrets, live, events, metrics, open, demos });
  side = started;
  let isStopping = false;
  // Before /readyz says yes: a signal that comes right after it still ends everything in order.
  const stopped = Promise.race([once(signals, 'SIGTERM'), once(signals, 'SIGINT')]);
  if (settings.admin !== null) {
    await openAdmin(settings.admin, closings, {
      async ready() {
        const problems = isStopping ? ['stopping'] : await problemsOf(open, started);
        return { ok: problems.length === 0, problems };
      },
      metrics: { render: () => started.render(), contentType: metrics.contentType },
    });
  }
  const setUp = await setUpLink(frame, settings, live.current, open);
  isUp();
  greet(frame, settings, live.current, { demoUsers, setUp, demos });
  void warn(settings, live.current, log);
  const signal = await stopped;
  isStopping = true;
  log.say('info', 'stopping', { signal: String(signal[0] ?? '') });
  await started.stop();
  return 0;
}

/** Reloads on SIGHUP and when a file changes, until the end. */
function watch(
  { closings, host: { signals } }: Frame,
  options: Parameters<typeof watchConfiguration>[0],
): Live {
  const reload = watchConfiguration(options);
  closings.add(() => reload.close());
  const onHangup = (): void => void reload.reload();
  signals.on('SIGHUP', onHangup);
  closings.add(() => signals.off('SIGHUP', onHangup));
  return reload.live;
}

function report(outcome: ReloadOutcome, events: EventSink, log: Log): void {
  const faults = outcome.ok ? [] : outcome.faults;
  events.emit({ type: 'reload', ok: outcome.ok, faults: faults.length });
  if (!outcome.ok) log.say('error', 'configuration refused', { faults });
  else if (outcome.needsRestart.length > 0) {
    log.say('warn', 'restart to change these', { options: outcome.needsRestart });
  }
}

/** What the public side is opened with. */
interface SideParts extends Omit<PublicParts, 'closings' | 'listen'> {
  readonly secrets: readonly string[];
  readonly demos: DemoApps;
}

/** The public listeners, in this process or in workers. */
async function openSide(frame: Frame, parts: SideParts): Promise<PublicSide> {
  const { chosen, host, log, closings } = frame;
  const tty = host.stdout.isTTY;
  const { settings, secrets, metrics, demos } = parts;
  const count = settings.workers === 'auto' ? availableParallelism() : settings.workers;
  if (count === 1) return openPublicSide({ ...parts, closings, listen });
  const { forkWorkers } = await import('./workers/workers.ts');
  for (const address of settings.listen) await probe(address);
  const demoOrigins = demos.started();
  const plain = plainSettings(settings);
  const side = await forkWorkers({
    count,
    beginning: { type: 'begin', chosen, settings: plain, secrets, demoOrigins, tty },
    metrics,
    log,
    relay: (text) => host.log.write(text),
  });
  closings.add(() => side.stop());
  return side;
}

async function openAdmin(
  address: ListenAddress,
  closings: Closings,
  parts: AdminOptions,
): Promise<void> {
  await removeLeftovers([address]);
  const admin = createAdminServer(parts);
  closings.add(() => {
    admin.close();
    admin.closeAllConnections();
  });
  await listen(admin, address);
}

/** What the greeting shows beside the configuration. */
interface Shown {
  /** The users of the demo apps; empty without them. */
  readonly demoUsers: readonly FirstUser[];
  readonly setUp: string | null;
  readonly demos: DemoApps;
}

function greet(
  { host: { stdout }, log }: Frame,
  settings: Settings,
  snapshot: Snapshot,
  { demoUsers, setUp, demos }: Shown,
): void {
  const demoOrigins = Object.values(demos.started() ?? {});
  const [tty, cwd, now] = [stdout.isTTY, process.cwd(), performance.now()];
  const surroundings = { tty, cwd, now, demoOrigins, setUp };
  stdout.write(greeting(settings, snapshot, demoUsers, surroundings));
  // With the demo apps, the greeting already says it.
  if (settings.demos.length === 0 && isPreview(settings, snapshot)) {
    log.say('warn', 'no mail server: emails are written to files', {
      folder: `${settings.dataDir}/mail`,
    });
  }
}

/** Logs what will not work as it stands. The start does not wait for it. */
async function warn(settings: Settings, snapshot: Snapshot, log: Log): Promise<void> {
  const [{ adviceOn }, { speaksTls }] = await Promise.all([
    import('../config/advice.ts'),
    import('../outside/speaks-tls.ts'),
  ]);
  for (const { level, path, message } of await adviceOn({ settings, snapshot, speaksTls })) {
    if (level === 'warning') log.say('warn', message, { option: path });
  }
}

type Origins = Readonly<Record<Demo, string>>;

/** The demo apps, started when a route first points to one. */
interface DemoApps {
  readonly start: () => Promise<Origins>;
  /** Their origins; null if none was needed. */
  readonly started: () => Origins | null;
}

function demoApps(closings: Closings): DemoApps {
  let origins: Origins | null = null;
  const start = async (): Promise<Origins> => {
    if (origins !== null) return origins;
    const { startDemoApps } = await import('../demo/demo-apps.ts');
    const apps = await startDemoApps();
    closings.add(() => apps.close());
    return (origins = { whoami: apps.whoami, notes: apps.notes });
  };
  return { start, started: () => origins };
}

/** The first users of a machine that tries the demo apps; demo users are kept from all others. */
async function firstPeople(
  { listen: addresses, demos, dataDir }: Settings,
  { users, backing }: OpenBacking,
): Promise<readonly FirstUser[]> {
  if (users === null) return [];
  if (!areLoopback(addresses)) await refuseDemoUsers(users);
  return demos.length === 0 ? [] : firstUsers(users, backing.passwords, systemRandom, dataDir);
}

/** A link for the first administrator of a gateway without users; created once it can be opened. */
async function setUpLink(
  { closings, log }: Frame,
  { demos, dataDir, database }: Settings,
  snapshot: Snapshot,
  { users, directories, accounts, stores: { marks }, backing: { vault } }: OpenBacking,
): Promise<string | null> {
  if (demos.length > 0 || users === null) return null;
  const made = await inviteFirst({
    snapshot,
    directories,
    accounts,
    marks,
    vault,
    random: systemRandom,
    clock: systemClock,
    lock: () => firstRunLock(dataDir, database),
    hold: (release) => closings.add(release),
  });
  if (made.kind === 'elsewhere') {
    log.say('warn', 'no users yet; another gateway invites the first administrator', {
      remedy: `doorward user add NAME --group ${ADMIN_GROUP}`,
    });
  }
  return made.kind === 'made' ? made.link : null;
}

/** Stable codes of what prevents serving right now. */
async function problemsOf(
  { stores, accounts, directories }: OpenBacking,
  side: PublicSide,
): Promise<readonly string[]> {
  if (!side.isOpen()) return ['listen/closed'];
  // Any read will do: a directory whose file was replaced refuses all of them.
  const read = directories.map((directory) => directory.isEmpty());
  const results = await Promise.allSettled([stores.ping(), accounts.ping(), ...read]);
  return results.flatMap((one) => (one.status === 'rejected' ? [asProblem(one.reason).code] : []));
}
