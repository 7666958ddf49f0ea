/** `doorward health`: asks the running gateway whether it is ready; for container health checks. */
import type { Command } from 'commander';
import {
  type CommonOptions,
  conclude,
  configured,
  declined,
  misused,
  plainText,
  type Shell,
  withLoaded,
} from './command.ts';
import type { ExitCode, Tools } from './tools.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { request } = process.getBuiltinModule('node:http');

/** The gateway answers its admin listener within this time, in milliseconds, or is not healthy. */
const PATIENCE = 5_000;
const LONGEST_ANSWER = 65_536;

export function healthCommand(shell: Shell): Command {
  const { tools } = shell;
  return configured('health', 'exit 0 when the running gateway is ready').action(
    (options: CommonOptions) =>
      conclude(shell, () =>
        withLoaded(tools, options, async ({ settings }) => {
          if (settings.adminListen === null) {
            return misused(tools, 'there is no admin listener to ask; set admin.listen');
          }
          return health(tools, settings.adminListen);
        }),
      ),
  );
}

async function health(tools: Tools, listen: string): Promise<ExitCode> {
  let answer: { status: number; text: string };
  try {
    answer = await ask(listen);
  } catch (error) {
    // Named fallback: whatever keeps us from asking means it is not ready.
    const why = error instanceof Error ? error.message : 'no answer';
    return declined(tools, `nobody answers on ${listen} (${plainText(why)}); is doorward running?`);
  }
  if (answer.status === 200) {
    tools.terminal.out('ready\n');
    return 0;
  }
  return declined(tools, `not ready: ${plainText(answer.text.trim())}`);
}

/** Where to connect for a listener: an address of any kind is asked on the loopback of its family. */
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
  if (target === null) return Promise.reject(new Error(`${listen} is no address`));
  const signal = AbortSignal.timeout(PATIENCE);
  return new Promise((resolve, reject) => {
    const req = request({ ...target, path: '/readyz', agent: false, signal }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        if (text.length < LONGEST_ANSWER) text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end();
  });
}
