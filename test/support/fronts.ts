/**
 * Proxies in front of a gateway, each with exactly the configuration that `doorward generate`
 * printed. The text is changed only where the operator is instructed to: listening addresses and
 * certificates.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApache } from './apache.ts';
import { startCaddy } from './caddy.ts';
import { Client } from './client.ts';
import { startHaproxy } from './haproxy.ts';
import { startNginx } from './nginx.ts';
import type { GatewayOptions } from './gateway.ts';
import { findBinary, isLeftOut } from './packages.ts';
import { isListening, type Program, startProgram } from './program.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** A proxy that `generate` supports. */
export interface Front {
  /** The argument of `doorward generate`. */
  readonly generator: string;
  /** Listeners that the gateway needs for it, in place of the usual one. */
  readonly listen?: NonNullable<GatewayOptions['listen']>;
  /** Whether tests run with it on this machine. */
  readonly isHere: () => boolean;
  /** Starts it in `dir` with the text; ready when it listens on `port`. */
  readonly start: (place: FrontPlace) => Promise<Pick<Program, 'output' | 'stop'>>;
}

/** Where a front is started. */
export interface FrontPlace {
  readonly dir: string;
  readonly port: number;
  /** What `generate` printed. */
  readonly text: string;
  /** What the text leads to, for recordings. */
  readonly destinations?: Destinations;
}

/** Where a proxy sends what it receives. */
export interface Destinations {
  /** Of Doorward and the apps on 127.0.0.1, by name. */
  readonly ports: { readonly doorward: number; readonly [app: string]: number };
  /** The unix socket for checks over gRPC. */
  readonly grpc: string;
}

/** nginx, with the smallest surrounding file that examples/ has. */
export const nginxFront: Front = {
  generator: 'nginx',
  isHere: () => !isLeftOut('nginx'),
  start({ dir, port, text }) {
    writeFileSync(
      join(dir, 'doorward.conf'),
      text.replaceAll(/\blisten (?=\d)/g, 'listen 127.0.0.1:'),
    );
    copyFileSync(join(EXAMPLES, 'nginx/nginx.conf'), join(dir, 'nginx.conf'));
    return startNginx(dir, port);
  },
};

/** Caddy, in the same way. */
export const caddyFront: Front = {
  generator: 'caddy',
  isHere: () => !isLeftOut('caddy'),
  start({ dir, port, text }) {
    writeFileSync(join(dir, 'doorward.caddy'), text);
    const options = '{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n}\n';
    writeFileSync(join(dir, 'Caddyfile'), `${options}\nimport doorward.caddy\n`);
    return startCaddy(dir, port);
  },
};

/** Apache, which forwards everything to the gateway. */
export const apacheFront: Front = {
  generator: 'apache',
  isHere: () => !isLeftOut('apache2'),
  start({ dir, port, text }) {
    writeFileSync(
      join(dir, 'doorward.conf'),
      text.replaceAll(/^Listen (?=\d)/gm, 'Listen 127.0.0.1:'),
    );
    return startApache(dir, port);
  },
};

/** HAProxy, with the script that it loads. */
export const haproxyFront: Front = {
  generator: 'haproxy',
  isHere: () => !isLeftOut('haproxy'),
  start({ dir, port, text }) {
    writeFileSync(join(dir, 'doorward.cfg'), text.replaceAll(/\bbind :/g, 'bind 127.0.0.1:'));
    return startHaproxy(dir, port);
  },
};

/** Traefik, if its binary is on PATH. */
export const traefikFront: Front = {
  generator: 'traefik',
  isHere: () => findBinary('traefik') !== null,
  start({ dir, port, text }) {
    writeFileSync(join(dir, 'dynamic.yaml'), text);
    const entry = `entryPoints: { web: { address: "127.0.0.1:${port}" } }\n`;
    const provider = `providers: { file: { filename: ${join(dir, 'dynamic.yaml')} } }\n`;
    writeFileSync(join(dir, 'traefik.yaml'), entry + provider);
    return startProgram(findBinary('traefik') ?? 'traefik', [`--configFile=${dir}/traefik.yaml`], {
      // It listens before it has loaded its routers; only then does it know the portal.
      isReady: async () => (await isListening(port)) && knowsPortal(port),
    });
  },
};

/** Envoy, if its binary is on PATH, with one of the two ways to ask. */
function envoyFrontOf(generator: 'envoy' | 'envoy-grpc'): Front {
  return {
    generator,
    isHere: () => findBinary('envoy') !== null,
    start({ dir, port, text }) {
      const file = join(dir, 'envoy.yaml');
      writeFileSync(file, text.replaceAll('address: 0.0.0.0', 'address: 127.0.0.1'));
      const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '-l', 'info'];
      return startProgram(findBinary('envoy') ?? 'envoy', args, {
        // By then, the addresses of its clusters are resolved.
        isReady: async (output) => output.includes('starting workers') && isListening(port),
      });
    },
  };
}

export const envoyFront = envoyFrontOf('envoy');

/** Envoy, which asks over gRPC on a unix socket. */
export const envoyGrpcFront: Front = {
  ...envoyFrontOf('envoy-grpc'),
  listen: ({ port, dir }) =>
    `[127.0.0.1:${port}, { at: "unix:${dir}/grpc.sock", serves: envoy-grpc, trusts: peer }]`,
};

async function knowsPortal(port: number): Promise<boolean> {
  const answer = await new Client().open(`http://auth.gw.test:${port}/`);
  return answer.status !== 404;
}

/** A running front, in a folder of its own. */
export interface RunningFront {
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts a front with the output of a gateway's `generate`. */
export async function startFront(
  front: Front,
  place: Omit<FrontPlace, 'dir'>,
): Promise<RunningFront> {
  const dir = mkdtempSync(join(tmpdir(), `doorward-${front.generator}-`));
  // An nginx that root started drops its privileges.
  chmodSync(dir, 0o755);
  try {
    const program = await front.start({ dir, ...place });
    return {
      output: program.output,
      async stop() {
        await program.stop();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (caught) {
    rmSync(dir, { recursive: true, force: true });
    throw caught;
  }
}
