/** `doorward generate TARGET`: a complete configuration of the proxy in front, for the routes at hand. */
import { type Command, Option } from 'commander';
import { writers } from '../../dialects/index.ts';
import {
  type CommonOptions,
  configured,
  runner,
  type Shell,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { misused, plainText } from '../shell/output.ts';
import { proxyPlan } from './proxy-plan.ts';
import { sharedHost } from './served-hosts.ts';

const TARGETS = writers.map(({ target }) => target).join(', ');

interface GenerateOptions extends CommonOptions {
  readonly address?: string;
}

const ADDRESS = /^(?:[A-Za-z0-9_.-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5}|unix:\/[\w./-]+)$/;

export function generateCommand(shell: Shell): Command {
  return configured('generate', 'print a working configuration for the proxy in front of your apps')
    .argument('<target>', TARGETS)
    .addOption(
      new Option('--address <host:port>', 'where the proxy reaches doorward (default: listen)'),
    )
    .action(runner(shell, generate));
}

async function generate(
  context: CommandContext,
  target: string,
  options: GenerateOptions,
): Promise<ExitCode> {
  const writer = writers.find((one) => one.target === target);
  if (writer === undefined) {
    return misused(context, `no configuration for ${plainText(target)}; available: ${TARGETS}`);
  }
  if (options.address !== undefined && !ADDRESS.test(options.address)) {
    return misused(context, 'invalid --address: use HOST:PORT or unix:/path');
  }
  return withLoaded(context, options, async (loaded) => {
    if (options.address === undefined && loaded.settings.listen.length === 0) {
      return misused(
        context,
        `every listener has proxy_protocol, which the file for ${target} does not use; set --address`,
      );
    }
    const plan = proxyPlan(loaded, options.address ?? null);
    if (!writer.reachesSockets && plan.doorward.startsWith('unix:')) {
      return misused(context, `${target} cannot connect to a unix socket; use --address HOST:PORT`);
    }
    const [field, other] = plan.addressFields;
    if (other !== undefined && !writer.setsAddressFields) {
      return misused(
        context,
        `${target} cannot set ${other}; use client_address: { header: ${field} }`,
      );
    }
    const lacking = writer.lacks?.(plan) ?? null;
    if (lacking !== null) return misused(context, lacking);
    const shared = writer.matchesHosts === true ? null : sharedHost(plan);
    if (shared !== null) {
      return misused(
        context,
        `the configuration of ${target} cannot distinguish the apps ${shared.apps.join(' and ')} below ${shared.domain}`,
      );
    }
    context.terminal.out(writer.write(plan));
    const needed = neededTrust(plan.doorward);
    if (needed.length > 0 && !needed.some(loaded.settings.trusts)) {
      context.terminal.err(
        `doorward: ${target} on this machine is not trusted; add ${needed[0]} to trusted_proxies in ${plainText(loaded.settings.file)}\n`,
      );
    }
    return 0;
  });
}

/** Peers of which one must be trusted when the proxy asks here; none for an address elsewhere, whose peers are unknown. */
function neededTrust(doorward: string): readonly string[] {
  if (doorward.startsWith('unix:')) return ['unix'];
  return /^(?:127\.|\[::1\]|localhost:)/.test(doorward) ? ['127.0.0.1', '::1'] : [];
}
