/** A server that speaks LDAP badly, or answers what a real one would have to be brought to. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  createFramer,
  element,
  type Element,
  elementsOf,
  numberElement,
} from '../../src/directories/ldap/protocol/ber.ts';

/** A request as it arrived. */
interface Asked {
  readonly id: number;
  /** 0x60 bind, 0x63 search, 0x77 extended. */
  readonly tag: number;
  readonly parts: readonly Element[];
  readonly socket: Socket;
}

/** Answers a request: the operations of the messages to send. */
export type Answering = (asked: Asked) => readonly Buffer[];

/** A running server. */
export interface FakeLdap {
  readonly url: string;
  /** Requests so far, as tags. */
  readonly asked: readonly Asked[];
  readonly connections: () => number;
  stop(): Promise<void>;
}

const octets = (text: string): Buffer => element(0x04, text);

/** A message with this operation. */
export function message(id: number, operation: Buffer, controls?: Buffer): Buffer {
  return element(0x30, numberElement(0x02, id), operation, ...(controls ? [controls] : []));
}

/** The end of an operation; its tag is the one of the request plus one. */
export function done(tag: number, code: number, text = ''): Buffer {
  return element(tag, numberElement(0x0a, code), octets(''), octets(text));
}

/** An entry of a search. */
export function entry(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Buffer {
  const listed = Object.entries(attributes).map(([name, values]) =>
    element(0x30, octets(name), element(0x31, ...values.map(octets))),
  );
  return element(0x64, octets(dn), element(0x30, ...listed));
}

/** Starts a server. Binds succeed unless `answer` says otherwise. */
export async function startFakeLdap(answer: Answering): Promise<FakeLdap> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const framer = createFramer();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      for (const content of framer.push(chunk)) {
        const [id, operation] = elementsOf(content, 3);
        // An unbind has neither content nor an answer.
        if (id === undefined || operation === undefined || operation.tag === 0x42) continue;
        const number = id.content.readIntBE(0, id.content.length);
        const parts = elementsOf(operation.content, 20);
        const one = { id: number, tag: operation.tag, parts, socket };
        asked.push(one);
        for (const sent of answer(one)) socket.write(message(number, sent));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `ldap://127.0.0.1:${address.port}`,
    asked,
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
