/**
 * `doorward serve`: from a configuration file to a listening gateway and gracefully back.
 * Opens the state before it listens, and stops listening before it closes the state.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createAdminServer, type Readiness } from '../admin/listener.ts';
import type { FirstUser } from '../cli/shell/banner.ts';
import type { Chosen, ExitCode } from '../cli/shell/context.ts';
import { formatFaults } from '../config/faults/fault.ts';
import { watchConfiguration } from '../config/reload.ts';
import { type Demo, plainSettings, type Settings } from '../config/settings/settings.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import { asProblem } from '../core/values/problem.ts';
import { fanOut } from '../sinks/fan-out.ts';
import { createLog, type Log } from '../sinks/log/log.ts';
import { createMetrics } from '../sinks/metrics/metrics.ts';
import { systemClock, systemRandom } from './adapters.ts';
import { type OpenBacking, openBacking } from './backing.ts';
import { type Closings, createClosings } from './closings.ts';
import { load, version } from './command-context.ts';
import { inviteFirst } from './first-administrator.ts';
import { ADMIN_GROUP, effectiveSecrets, firstUsers, refuseDemoUsers } from './first-run.ts';
import { greeting, isPreview } from './greeting.ts';
import { type Host, processHost } from './host.ts';
import { areLoopback, listen, probe, removeLeftovers } from './listening.ts';
import { openPublicSide, type PublicSide } from './public-side.ts';

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

async function run({ chosen, host, log, closings, isUp }: Frame): Promise<ExitCode> {
  const { env, signals, passwords } = host;
  const tty = host.stdout.isTTY;
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
  const reload = watchConfiguration({
    first,
    load: () => load(chosen, { env, demos: demos.start, background: true }),
    onReload(outcome) {
      const faults = outcome.ok ? [] : outcome.faults;
      events.emit({ type: 'reload', ok: outcome.ok, faults: faults.length });
      if (!outcome.ok) log.say('error', 'configuration refused', { faults });
      else if (outcome.needsRestart.length > 0) {
        log.say('warn', 'restart to change these', { options: outcome.needsRestart });
      }
      if (outcome.ok) side?.reconfigured();
    },
  });
  closings.add(() => reload.close());
  const onHangup = (): void => void reload.reload();
  signals.on('SIGHUP', onHangup);
  closings.add(() => signals.off('SIGHUP', onHangup));

  const { live } = reload;
  const secrets = await effectiveSecrets(settings.secrets, settings.dataDir);
  const open = await openBacking({ settings, secrets, live, events, metrics, closings, passwords });
  const { lost } = await open.accounts.renewSeals();
  if (lost > 0) {
    log.say('warn', 'authenticators cannot be opened with session.secrets', { count: lost });
  }
  const made = await firstPeople(settings, open);
  await removeLeftovers(settings.listen);
  const count = settings.workers === 'auto' ? availableParallelism() : settings.workers;
  if (count === 1) {
    const shared = false;
    side = await openPublicSide({ live, settings, open, events, metrics, closings, shared });
  } else {
    const { forkWorkers } = await import('./workers/workers.ts');
    for (const address of settings.listen) await probe(address);
    const demoOrigins = demos.started();
    const plain = plainSettings(settings);
    side = await forkWorkers({
      count,
      beginning: { type: 'begin', chosen, settings: plain, secrets, demoOrigins, tty },
      metrics,
      log,
      relay: (text) => host.log.write(text),
    });
  }
  const started = side;
  if (count > 1) closings.add(() => started.stop());
  let isStopping = false;
  // Before /readyz says yes: a signal that comes right after it still ends everything in order.
  const stopped = Promise.race([once(signals, 'SIGTERM'), once(signals, 'SIGINT')]);
  if (settings.admin !== null) {
    await removeLeftovers([settings.admin]);
    const ready = async (): Promise<Readiness> => {
      const problems = isStopping ? ['stopping'] : await problemsOf(open, started);
      return { ok: problems.length === 0, problems };
    };
    const { contentType } = metrics;
    const numbers = { render: () => started.render(), contentType };
    const admin = createAdminServer({ ready, metrics: numbers });
    closings.add(() => {
      admin.close();
      admin.closeAllConnections();
    });
    await listen(admin, settings.admin);
  }
  const demoOrigins = Object.values(demos.started() ?? {});
  const setUp = await setUpLink(settings, live.current, open, closings, log);
  const surroundings = { tty, cwd: process.cwd(), now: performance.now(), demoOrigins, setUp };
  isUp();
  host.stdout.write(greeting(settings, live.current, made, surroundings));
  // With the demo apps, the greeting already says it.
  if (settings.demos.length === 0 && isPreview(settings, live.current)) {
    log.say('warn', 'no mail server: emails are written to files', {
      folder: `${settings.dataDir}/mail`,
    });
  }
  void warn(settings, live.current, log);
  const signal = await stopped;
  isStopping = true;
  log.say('info', 'stopping', { signal: String(signal[0] ?? '') });
  await started.stop();
  return 0;
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
function demoApps(closings: Closings) {
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
  { demos, dataDir }: Settings,
  snapshot: Snapshot,
  { users, directories, accounts, stores: { marks }, backing: { vault } }: OpenBacking,
  closings: Closings,
  log: Log,
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
    dataDir,
    hold: (release) => closings.add(release),
  });
  if (made.kind === 'elsewhere') {
    log.say('warn', 'no users yet; another gateway invites the first administrator', {
      remedy: `doorward user add NAME --group ${ADMIN_GROUP}`,
    });
  }
  return made.kind === 'made' ? made.link : null;
}

/** Stable codes of what stands against serving right now. */
async function problemsOf(
  { stores, accounts, directories }: OpenBacking,
  side: PublicSide,
): Promise<readonly string[]> {
  if (!side.isOpen()) return ['listen/closed'];
  // Any read will do: a directory whose file was replaced refuses all of them.
  const read = directories.map((directory) => directory.isEmpty());
  const asked = await Promise.allSettled([stores.ping(), accounts.ping(), ...read]);
  return asked.flatMap((one) => (one.status === 'rejected' ? [asProblem(one.reason).code] : []));
}
