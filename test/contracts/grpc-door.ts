/** Checks over gRPC, from the bytes of a CheckRequest to those of the CheckResponse. */
import { createAuthorization } from '../../src/grpc/authorization.ts';
import { peerOf, recordPeer } from '../../src/gate/request/peer.ts';
import { createTrust } from '../../src/gate/request/trust.ts';
import { checkRequest, readCheckResponse, type Verdict } from '../support/check-messages.ts';
import type { Pairs, testGate } from '../support/gate.ts';
import type { Door } from './dialects.suite.ts';

type Gate = Awaited<ReturnType<typeof testGate>>;

/** A call that failed: Envoy has no reply. */
const failed = (fault: string): Verdict => ({ status: 400, headers: {}, body: fault, removed: [] });

/** Answers one message. */
export function askByMessage(gate: Gate, message: Buffer, peer = '127.0.0.1'): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const socket = { remoteAddress: peer };
  recordPeer(socket, { kind: 'tcp' });
  const authorization = createAuthorization({
    check: gate.check,
    trust: createTrust(gate.live),
    dialect: 'envoy-grpc',
    malformed: () => {},
  });
  authorization(message, peerOf(socket), {
    answer: (bytes) => resolve(readCheckResponse(bytes)),
    fail: (fault) => resolve(failed(fault)),
  });
  return promise;
}

/** Headers that a CheckRequest has as attributes. */
const ATTRIBUTES = new Set(['host', 'x-forwarded-proto', 'x-forwarded-for']);

export const overGrpc: Door = {
  isHttp: false,
  async ask(gate, _, { method, rest, pairs }, peer) {
    const all = (wanted: string): string[] =>
      pairs.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    const headers: Pairs = pairs.filter(([name]) => !ATTRIBUTES.has(name.toLowerCase()));
    const message = checkRequest({
      method: [method],
      path: [rest],
      host: all('host'),
      scheme: all('x-forwarded-proto'),
      client: all('x-forwarded-for'),
      headers,
    });
    const { removed, ...heard } = await askByMessage(gate, message, peer);
    // As Envoy's HTTP service names them.
    const named = { 'x-envoy-auth-headers-to-remove': removed.join('|') };
    return removed.length === 0 ? heard : { ...heard, headers: { ...heard.headers, ...named } };
  },
};
