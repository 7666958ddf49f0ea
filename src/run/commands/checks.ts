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
    const { directories, dataDir } = configurations.of(loaded).settings;
    const { adviceOnUsers } = await import('../../directories/advice.ts');
    const listed = await Promise.all(
      directories.map(async ({ kind, options }, index) => ({
        path: `directories[${index}]`,
        users: (await kind.users?.(options, { passwords, dataDir })) ?? [],
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

/** Directories beyond this machine that cannot be read right now. */
async function adviseOnReach({ directories }: Pick<Settings, 'directories'>) {
  const tools = { clock: { now: () => Date.now() }, events: { emit: () => {} } };
  const found = await Promise.all(
    directories.map(async ({ kind, options }, index): Promise<readonly Advice[]> => {
      const message = (await kind.reach?.(options, tools)) ?? null;
      return message === null ? [] : [{ path: `directories[${index}]`, level: 'warning', message }];
    }),
  );
  return found.flat();
}
