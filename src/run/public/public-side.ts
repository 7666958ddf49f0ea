/**
 * The public side of a gateway: its listeners and everything behind them. Here in this process; in
 * workers.ts in several. Callers need not know which.
 */
import type { Server } from 'node:http';
import type { Settings } from '../../config/settings/settings.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { AuthorizationServer } from '../../grpc/server.ts';
import type { Metrics } from '../../sinks/metrics/metrics.ts';
import type { OpenBacking } from '../backing/backing.ts';
import type { Closings } from '../backing/closings.ts';
import { composeGateway } from './compose.ts';
import { drain } from './draining.ts';
import type { Listen } from './listening.ts';

/** Listeners that take requests. */
export interface PublicSide {
  /** Call it after the configuration was reloaded. */
  reconfigured(): void;
  /** Whether requests are accepted. */
  isOpen(): boolean;
  /** Prometheus text of all that was counted here. */
  render(): Promise<string>;
  /** Accepts no new connection, answers what still arrives on kept ones, closes websockets with 1001. */
  stop(): Promise<void>;
}

/** What is joined. */
export interface PublicParts {
  readonly live: Live;
  readonly settings: Settings;
  readonly open: OpenBacking;
  readonly events: EventSink;
  readonly metrics: Metrics;
  readonly closings: Closings;
  /** Alone, or beside other workers. */
  readonly listen: Listen;
}

/** Listens in this process. Rejects with Problem `listen/failed`. */
export async function openPublicSide(parts: PublicParts): Promise<PublicSide> {
  const { live, settings, open, events, metrics, closings, listen } = parts;
  const gateway = composeGateway({ live, settings, events, ...open });
  metrics.watchMembers(gateway.members);
  closings.add(() => gateway.close());
  const servers: Server[] = [];
  const grpc: AuthorizationServer[] = [];
  for (const address of settings.listen) {
    if (address.serves === 'envoy-grpc') {
      const own = await gateway.createGrpcServer(address);
      grpc.push(own);
      closings.add(() => own.server.close());
      await listen(own.server, address);
      continue;
    }
    const server = gateway.createServer(address);
    servers.push(server);
    closings.add(() => server.close());
    await listen(server, address);
  }
  return {
    reconfigured: gateway.reconfigured,
    isOpen: () => [...servers, ...grpc.map(({ server }) => server)].every((one) => one.listening),
    render: () => metrics.render(),
    // A websocket that is closed while the listener is open would come straight back.
    async stop() {
      const calls = grpc.map((one) => one.drain());
      await drain(servers, () => {
        gateway.goAway();
        gateway.sockets.shutdown();
      });
      await Promise.all(calls);
    },
  };
}
