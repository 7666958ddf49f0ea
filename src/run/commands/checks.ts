/** What `doorward check` looks at beyond the files of the configuration. Changes nothing. */
import type { CommandContext, Loaded } from '../../cli/shell/context.ts';
import type { Settings } from '../../config/settings/settings.ts';
import type { Advice } from '../../core/setup/advice.ts';
import type { Passwords } from '../../core/people/password.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { Configurations } from './configurations.ts';

type Checks = Pick<CommandContext, 'inspect' | 'advise' | 'adviseOnUsers'>;

/** Checks of these configurations. */
export function createChecks(configurations: Configurations, passwords: Passwords): Checks {
  const adviseOnUsers: Checks['adviseOnUsers'] = async (loaded) => {
    const { directories, dataDir, database } = configurations.of(loaded).settings;
    const { adviceOnUsers } = await import('../../directories/advice.ts');
    const listed = await Promise.all(
      directories.map(async ({ kind, options }, index) => ({
        path: `directories[${index}]`,
        users: (await kind.users?.(options, { passwords, dataDir, database })) ?? [],
      })),
    );
    return adviceOnUsers(listed, passwords);
  };
  /** One inspection for each part that a start would open. */
  const inspections = (loaded: Loaded) => {
    const { directories, signals } = configurations.of(loaded).settings;
    return [
      ...directories.map(({ kind, options }, index) => ({
        path: `directories[${index}]`,
        done: kind.inspect?.(options, { passwords }),
      })),
      ...signals.map(({ kind, options }) => ({
        path: `signals.${kind.name}`,
        done: kind.inspect?.(options),
      })),
    ];
  };
  return {
    async inspect(loaded) {
      const found = await Promise.all(
        inspections(loaded).map(async ({ path, done }) => {
          try {
            await done;
            return [];
          } catch (caught) {
            // Named fallback: reported with the other faults; a start would end here.
            return [{ path, message: asProblem(caught).message }];
          }
        }),
      );
      return found.flat();
    },
    async advise(loaded) {
      const { settings, snapshot } = configurations.of(loaded);
      const [{ adviceOn }, { speaksTls }] = await Promise.all([
        import('../../config/advice.ts'),
        import('../../outside/speaks-tls.ts'),
      ]);
      return [
        ...(await adviceOn({ settings, snapshot, speaksTls })),
        ...(await adviseOnUsers(loaded)),
        ...(await adviseOnReach(settings)),
      ];
    },
    adviseOnUsers,
  };
}

/** What is beyond this machine and cannot be read right now. */
async function adviseOnReach({ directories, database }: Settings): Promise<readonly Advice[]> {
  const tools = { clock: { now: () => Date.now() }, events: { emit: () => {} } };
  const reached = await Promise.all([
    reachDatabase(database),
    ...directories.map(async ({ kind, options }, index) => ({
      path: `directories[${index}]`,
      message: (await kind.reach?.(options, tools)) ?? null,
    })),
  ]);
  return reached.flatMap(({ path, message }) =>
    message === null ? [] : [{ path, level: 'warning', message }],
  );
}

async function reachDatabase(database: Settings['database']) {
  const path = 'database';
  if (database === null) return { path, message: null };
  const { reachPostgres } = await import('../../database/postgres/reach.ts');
  return { path, message: await reachPostgres(database) };
}
