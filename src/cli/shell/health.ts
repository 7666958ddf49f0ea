/** `doorward health`: checks whether the running gateway is ready; for container health checks. */
import type { Command } from 'commander';
import { type CommonOptions, configured, runner, type Shell, withLoaded } from './command.ts';
import type { CommandContext, ExitCode } from './context.ts';
import { declined, misused, plainText } from './output.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { request } = process.getBuiltinModule('node:http');

/** Time for a reply of the admin listener, in milliseconds. */
const PATIENCE = 5_000;
const LONGEST_REPLY = 65_536;

export function healthCommand(shell: Shell): Command {
  return configured('health', 'exit 0 if the running gateway is ready').action(
    runner(shell, (context, options: CommonOptions) =>
      withLoaded(context, options, async ({ settings }) => {
        if (settings.adminListen === null) {
          return misused(context, 'health needs the admin listener; set admin.listen');
        }
        return health(context, settings.adminListen);
      }),
    ),
  );
}

async function health(context: CommandContext, listen: string): Promise<ExitCode> {
  let answer: { status: number; text: string };
  try {
    answer = await ask(listen);
  } catch (error) {
    // Named fallback: a gateway that cannot be reached is not ready.
    const reason = error instanceof Error ? error.message : 'no reply';
    return declined(
      context,
      `no response from ${listen} (${plainText(reason)}); is doorward running?`,
    );
  }
  if (answer.status === 200) {
    context.terminal.out('ready\n');
    return 0;
  }
  return declined(context, `not ready: ${plainText(answer.text.trim())}`);
}

/** Where to connect for a listener; a wildcard address is reached on the loopback of its family. */
function targetOf(listen: string): { socketPath: string } | { host: string; port: number } | null {
  if (listen.startsWith('unix:')) return { socketPath: listen.slice('unix:'.length) };
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(listen);
  if (match === null) return null;
  const host = match[1] ?? match[2] ?? '';
  const reachable = host === '' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { host: reachable, port: Number(match[3]) };
}

function ask(listen: string): Promise<{ status: number; text: string }> {
  const target = targetOf(listen);
  if (target === null) return Promise.reject(new Error(`${listen} is not an address`));
  const signal = AbortSignal.timeout(PATIENCE);
  return new Promise((resolve, reject) => {
    const req = request({ ...target, path: '/readyz', agent: false, signal }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        if (text.length < LONGEST_REPLY) text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end();
  });
}
