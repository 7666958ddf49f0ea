/** The facts of the first words of a gateway. Passwords are in them only when they were just made. */
import { isAbsolute, join, relative } from 'node:path';
import { banner, type FirstUser } from './cli/banner.ts';
import type { Settings } from './config/settings.ts';
import type { Snapshot } from './core/snapshot.ts';
import { SIGN_IN_FILE } from './first-run.ts';
import { addressText, version } from './tools.ts';

/** What `serve` prints when it is ready; `now` is in milliseconds since the process began. */
export function greeting(
  settings: Settings,
  { site, table }: Snapshot,
  firstUsers: readonly FirstUser[],
  { tty, cwd, now }: { readonly tty: boolean; readonly cwd: string; readonly now: number },
): string {
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
  const dataDir = shorter(settings.dataDir, cwd);
  return banner({
    version,
    startedIn: now,
    state: isEmbedded ? `embedded state in ${dataDir}, no Redis needed` : 'state in Redis',
    portal: site.origin,
    apps,
    admin: settings.admin === null ? null : `http://${addressText(settings.admin)}`,
    firstUsers,
    firstUsersFile: shorter(join(settings.dataDir, SIGN_IN_FILE), cwd),
    tty,
  });
}

/** Relative to where one stands when that is below it and so shorter to read. */
export function shorter(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}
