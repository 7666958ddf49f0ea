/**
 * A worker: the public listeners of a gateway, shared with other workers. Does what the first
 * process orders, and ends with it; never opens the operators' listener, never makes users.
 */
import { watchConfiguration } from '../../config/reload.ts';
import { settingsOf } from '../../config/settings/settings.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { createPasswords } from '../../passwords/passwords.ts';
import { fanOut } from '../../sinks/fan-out.ts';
import { openLogDestination } from '../../sinks/log/destination.ts';
import { createLog, type Log } from '../../sinks/log/log.ts';
import { createMetrics } from '../../sinks/metrics/metrics.ts';
import { lists, systemClock } from '../backing/adapters.ts';
import { openBacking } from '../backing/backing.ts';
import { type Closings, createClosings } from '../backing/closings.ts';
import { load } from '../backing/load.ts';
import { version } from '../backing/version.ts';
import { listenShared } from '../public/listening.ts';
import { openPublicSide } from '../public/public-side.ts';
import type { Beginning, Order, Report } from './worker-messages.ts';

/** Runs until an order to stop, or SIGTERM. */
export async function work(): Promise<void> {
  // A terminal sends these to all processes; the first one decides what they mean.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  report({ type: 'hello' });
  const beginning = await new Promise<Beginning>((resolve) => process.once('message', resolve));
  const log = createLog({
    destination: openLogDestination(1),
    tty: beginning.tty,
    clock: systemClock,
  });
  const closings = createClosings(log);
  try {
    await serveUntilStopped(beginning, log, closings);
  } catch (caught) {
    const { code, message } = asProblem(caught);
    report({ type: 'failed', code, message });
  } finally {
    await closings.closeAll();
    if (process.connected) process.disconnect?.();
  }
}

async function serveUntilStopped(
  { chosen, settings: plain, secrets, demoOrigins }: Beginning,
  log: Log,
  closings: Closings,
): Promise<void> {
  const demos = async () => demoOrigins ?? {};
  const settings = settingsOf(plain, lists);
  const first = await load(chosen, { demos });
  if (!first.ok) {
    throw new Problem(
      'config/faults',
      `${chosen.file} has faults: run doorward check to see them.`,
    );
  }
  const metrics = createMetrics({ version });
  const events = fanOut([log, metrics]);
  const reload = watchConfiguration({
    first: { ...first, settings },
    load: () => load(chosen, { demos, background: true }),
    watches: false,
    onReload(outcome) {
      // The first process tells of reloads; here only what it could not know: a file changed again meanwhile.
      if (!outcome.ok) events.emit({ type: 'reload', ok: false, faults: outcome.faults.length });
    },
  });
  closings.add(() => reload.close());
  const { live } = reload;
  const open = await openBacking({
    settings,
    secrets,
    live,
    events,
    metrics,
    closings,
    passwords: createPasswords(),
  });
  const side = await openPublicSide({
    live,
    settings,
    open,
    events,
    metrics,
    closings,
    listen: listenShared,
  });
  const stopped = Promise.withResolvers<void>();
  process.once('SIGTERM', () => stopped.resolve());
  process.on('message', (order: Order) => {
    if (order.type === 'stop') stopped.resolve();
    else if (order.type === 'reload') void reload.reload().then(() => side.reconfigured());
    else if (order.type === 'count') void count(order.ask);
  });
  const count = async (ask: number): Promise<void> => {
    report({ type: 'counted', ask, numbers: await metrics.read() });
  };
  report({ type: 'ready' });
  await stopped.promise;
  await side.stop();
  await count(0);
}

/** A first process that is gone reads nothing; the end of the channel ends this one. */
function report(message: Report): void {
  process.send?.(message, undefined, undefined, () => undefined);
}
