/**
 * `doorward check`: loads everything a start would load, users files and databases too, tells every
 * fault at once, advises on what works otherwise than intended, then runs the operator's tests. Writes
 * nothing, and sends nothing to any server but a TLS handshake where `public_url` is https.
 */
import type { Command } from 'commander';
import {
  chosenBy,
  type CommonOptions,
  conclude,
  configured,
  counted,
  plainText,
  printJson,
  type Shell,
  using,
} from '../shell/command.ts';
import { type Failure, failuresOf, failureText } from './expectations.ts';
import type { ExitCode, Loaded, Tools, Unusable } from '../shell/tools.ts';

interface CheckOptions extends CommonOptions {
  readonly json?: boolean;
}

export function checkCommand(shell: Shell): Command {
  return configured('check', 'load everything, print every fault, run the tests it holds')
    .option('--json', 'print faults and failed tests as JSON')
    .action((options: CheckOptions) => conclude(shell, () => check(shell.tools, options)));
}

async function check(tools: Tools, options: CheckOptions): Promise<ExitCode> {
  const result = await tools.load(chosenBy(options));
  if (!result.ok) {
    if (options.json === true) printJson(tools, { ok: false, faults: result.faults });
    else tools.terminal.err(tools.formatFaults(result.faults));
    return 1;
  }
  const { loaded } = result;
  const unusable = await tools.inspect(loaded);
  if (unusable.length > 0) {
    if (options.json === true)
      printJson(tools, { ok: false, faults: unusable.map(asFault(options)) });
    else {
      const lines = unusable.map(({ path, message }) => `${options.config} ${path}: ${message}\n`);
      tools.terminal.err(lines.join(''));
    }
    return 1;
  }
  const advice = await tools.advise(loaded);
  const failed = await failuresIn(tools, loaded);
  const passed = loaded.tests.length - failed.length;
  const isFine = failed.length === 0;
  if (options.json === true) {
    printJson(tools, { ok: isFine, faults: [], advice, tests: { passed, failed } });
    return isFine ? 0 : 1;
  }
  tools.terminal.err(
    advice.map(({ level, path, message }) => `${level}: ${path}: ${message}\n`).join(''),
  );
  if (isFine) {
    tools.terminal.out(`${options.config} is fine: ${summary(loaded)}\n`);
  } else {
    const lines = failed.map((one) => `${plainText(failureText(one))}\n`);
    const count = `${counted(failed.length, 'test')} failed, ${passed} passed\n`;
    tools.terminal.err(lines.join('') + count);
  }
  return isFine ? 0 : 1;
}

/** As those of the files are told; it is the file named there that is at fault, so that there is no line. */
function asFault({ config: file }: CheckOptions) {
  const place = { file, line: 0, col: 0, suggestion: null, source: null };
  return ({ path, message }: Unusable) => ({ ...place, path, message });
}

/** Directories are opened for tests that name somebody, and only then. */
async function failuresIn(tools: Tools, loaded: Loaded): Promise<readonly Failure[]> {
  const { tests, snapshot } = loaded;
  const now = tools.clock.now();
  if (!tests.some(({ given }) => typeof given.user === 'string')) {
    return failuresOf(tests, { snapshot, now, find: async () => null });
  }
  return using(tools.openDirectories(loaded), (directory) => {
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
