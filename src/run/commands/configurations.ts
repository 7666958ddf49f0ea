/** The configurations that commands have loaded, with the settings that commands do not see. */
import type { CommandContext, Loaded } from '../../cli/shell/context.ts';
import type { Loaded as Result, LoadInput } from '../../config/load.ts';
import { addressText, type Listener } from '../../config/settings/listen-address.ts';
import { trustedPeers } from '../../config/settings/trusted-peers.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { load } from '../backing/load.ts';

/** A configuration without faults. */
type Configuration = Extract<Result, { ok: true }>;

/** The configurations of one command. */
export interface Configurations {
  readonly load: CommandContext['load'];
  /** What a loaded configuration came from. */
  readonly of: (loaded: Loaded) => Configuration;
}

function trustOf(listener: Listener | undefined, { isTrustedProxy }: Snapshot) {
  const { trusts } = listener ?? {};
  if (trusts === 'peer') return () => true;
  return trusts === undefined ? isTrustedProxy : trustedPeers(trusts);
}

/** Loads configurations with this environment. */
export function createConfigurations(env: LoadInput['env']): Configurations {
  const known = new WeakMap<Loaded, Configuration>();
  return {
    async load(chosen) {
      const result = await load(chosen, { env });
      if (!result.ok) return { ok: false, faults: result.faults };
      const { snapshot, settings, tests } = result;
      const web = settings.listen.filter(
        ({ proxyProtocol, serves }) => proxyProtocol !== true && serves === undefined,
      );
      const grpc = settings.listen.find(({ serves }) => serves === 'envoy-grpc');
      const loaded: Loaded = {
        snapshot,
        tests,
        settings: {
          file: chosen.file,
          listen: web.map(addressText),
          trusts: trustOf(web[0], snapshot),
          grpcListen: grpc === undefined ? null : addressText(grpc),
          adminListen: settings.admin === null ? null : addressText(settings.admin),
        },
      };
      known.set(loaded, result);
      return { ok: true, loaded };
    },
    of(loaded) {
      const configuration = known.get(loaded);
      if (configuration === undefined) throw new TypeError('not a configuration of this command');
      return configuration;
    },
  };
}
