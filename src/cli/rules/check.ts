/**
 * `doorward check`: loads everything that a start would load, including users files and databases,
 * prints all faults at once and advice, then runs the operator's tests. Writes nothing, and contacts
 * no server except LDAP servers, and for a TLS handshake if `public_url` is https.
 */
import type { Command } from 'commander';
import {
  type CommonOptions,
  chosenBy,
  configured,
  runner,
  type Shell,
  using,
} from '../shell/command.ts';
import type { CommandContext, ExitCode, Loaded, Unusable } from '../shell/context.ts';
import { counted, plainText, printJson } from '../shell/output.ts';
import { type Failure, failuresOf, failureText } from './expectations.ts';

interface CheckOptions extends CommonOptions {
  readonly json?: boolean;
}

export function checkCommand(shell: Shell): Command {
  return configured('check', 'check the configuration, print every fault, run its tests')
    .option('--json', 'print faults and failed tests as JSON')
    .action(runner(shell, check));
}

async function check(context: CommandContext, options: CheckOptions): Promise<ExitCode> {
  const result = await context.load(chosenBy(options));
  if (!result.ok) {
    if (options.json === true) printJson(context, { ok: false, faults: result.faults });
    else context.terminal.err(context.formatFaults(result.faults));
    return 1;
  }
  const { loaded } = result;
  const unusable = await context.inspect(loaded);
  if (unusable.length > 0) {
    if (options.json === true)
      printJson(context, { ok: false, faults: unusable.map(asFault(options)) });
    else {
      const lines = unusable.map(({ path, message }) => `${options.config} ${path}: ${message}\n`);
      context.terminal.err(lines.join(''));
    }
    return 1;
  }
  const advice = await context.advise(loaded);
  const failed = await failuresIn(context, loaded);
  const passed = loaded.tests.length - failed.length;
  const isFine = failed.length === 0;
  if (options.json === true) {
    printJson(context, { ok: isFine, faults: [], advice, tests: { passed, failed } });
    return isFine ? 0 : 1;
  }
  context.terminal.err(
    advice.map(({ level, path, message }) => `${level}: ${path}: ${message}\n`).join(''),
  );
  if (isFine) {
    context.terminal.out(`${options.config} is fine: ${summary(loaded)}\n`);
  } else {
    const lines = failed.map((one) => `${plainText(failureText(one))}\n`);
    const count = `${counted(failed.length, 'test')} failed, ${passed} passed\n`;
    context.terminal.err(lines.join('') + count);
  }
  return isFine ? 0 : 1;
}

/** In the form of other faults, without a line, because the fault is in the file that it names. */
function asFault({ config: file }: CheckOptions) {
  const place = { file, line: 0, col: 0, suggestion: null, source: null };
  return ({ path, message }: Unusable) => ({ ...place, path, message });
}

/** Opens directories only if a test names a user. */
async function failuresIn(context: CommandContext, loaded: Loaded): Promise<readonly Failure[]> {
  const { tests, snapshot } = loaded;
  const now = context.clock.now();
  if (!tests.some(({ given }) => typeof given.user === 'string')) {
    return failuresOf(tests, { snapshot, now, find: async () => null });
  }
  return using(context.openDirectories(loaded), (directory) => {
    const find = (login: string) => directory.find(login, ['username', 'email']);
    return failuresOf(tests, { snapshot, now, find });
  });
}

function summary({ snapshot, tests }: Loaded): string {
  const { routes } = snapshot.table;
  const rules = routes.reduce((sum, route) => sum + route.rules.length, 0);
  const contents = [
    counted(routes.length, 'route'),
    counted(rules, 'rule'),
    counted(snapshot.flows.size, 'flow'),
  ].join(', ');
  return tests.length === 0 ? contents : `${contents}; ${counted(tests.length, 'test')} passed`;
}
