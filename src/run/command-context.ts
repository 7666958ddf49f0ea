/**
 * What commands may use, joined: configuration, state and users of a file. Heavy parts are loaded by
 * the command that needs them, or --help would wait for all of them.
 */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Chosen, CommandContext, ExitCode } from '../cli/shell/context.ts';
import { createTerminal } from '../cli/shell/terminal.ts';
import { formatFaults } from '../config/faults/fault.ts';
import type { LoadInput } from '../config/load.ts';
import type { Passwords } from '../core/people/password.ts';
import { createPasswords } from '../passwords/passwords.ts';
import { oneWayName } from '../tickets/secrets.ts';
import { version } from './backing/version.ts';
import { createChecks } from './commands/checks.ts';
import { createConfigurations } from './commands/configurations.ts';
import { createDatabase } from './commands/database.ts';
import { createState } from './commands/state.ts';

/** Largest text that a command reads, in bytes. */
const MAX_TEXT = 65_536;

/** The context of one command; `serve` is handed in. Configurations are loaded with `env`. */
export function createCommandContext(
  serve: (chosen: Chosen) => Promise<ExitCode>,
  env: LoadInput['env'] = process.env,
  passwords: Passwords = createPasswords(),
): CommandContext {
  const configurations = createConfigurations(env);
  return {
    version,
    terminal: createTerminal(process),
    clock: { now: () => Date.now() },
    random: { token: (bytes) => randomBytes(bytes).toString('base64url') },
    vault: { name: oneWayName },
    passwords,
    async isCommonPassword(password) {
      const { isCommon } = await import('../signals/common/list.ts');
      return isCommon(password);
    },
    serve,
    load: configurations.load,
    formatFaults,
    ...createChecks(configurations, passwords),
    ...createState(configurations, passwords),
    ...createDatabase(configurations, env),
    async readText(path) {
      try {
        const { size } = await stat(path);
        return size > MAX_TEXT ? null : await readFile(path, 'utf8');
      } catch {
        // Named fallback: the command says that it cannot be read.
        return null;
      }
    },
    async readExport(paths, tools) {
      const [{ readExport }, { importers }] = await Promise.all([
        import('../importers/read-export.ts'),
        import('../importers/index.ts'),
      ]);
      return readExport(importers, paths, {
        ...tools,
        isHash: (text) => passwords.isHash(text),
      });
    },
    async jsonSchema(kind) {
      const [{ configJsonSchema, flowJsonSchema }, { lists }] = await Promise.all([
        import('../config/schema/json-schema.ts'),
        import('./backing/adapters.ts'),
      ]);
      return kind === 'config' ? configJsonSchema(lists) : flowJsonSchema(lists);
    },
  };
}
