/** A gRPC app and gRPC clients, by the common library: what users run in front of and behind Doorward. */
import {
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';

/** Messages are texts. */
const SERIALIZER = {
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};

function method(name: string, streams: { requestStream: boolean; responseStream: boolean }) {
  return { ...SERIALIZER, ...streams, path: `/test.Echo/${name}` };
}

const SERVICE: ServiceDefinition = {
  say: method('Say', { requestStream: false, responseStream: false }),
  count: method('Count', { requestStream: false, responseStream: true }),
  join: method('Join', { requestStream: true, responseStream: false }),
  talk: method('Talk', { requestStream: true, responseStream: true }),
};

/** A running gRPC app. */
export interface GrpcApp {
  readonly port: number;
  /** `h2c://127.0.0.1:PORT` */
  readonly url: string;
  /** Metadata of the calls. */
  readonly seen: Metadata[];
  /** Calls whose client has left. */
  readonly cancelled: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Starts it. `Say` repeats a text, `fail` in it is an error without a message; `Count` counts up to a
 * number and then waits for `∞`; `Join` joins what it gets; `Talk` repeats each text at once.
 */
export async function startGrpcApp(): Promise<GrpcApp> {
  const seen: Metadata[] = [];
  let cancelled = 0;
  const server = new Server();
  const noted = (call: {
    metadata: Metadata;
    on(event: 'cancelled', heard: () => void): unknown;
  }): void => {
    seen.push(call.metadata);
    call.on('cancelled', () => (cancelled += 1));
  };
  const say: handleUnaryCall<string, string> = (call, reply) => {
    noted(call);
    const trailer = new Metadata();
    trailer.set('x-trailer-bin', Buffer.from([0, 255]));
    if (call.request === 'fail') {
      reply({ code: status.NOT_FOUND, details: 'no such café', metadata: trailer });
    } else reply(null, call.request, trailer);
  };
  const count: handleServerStreamingCall<string, string> = (call) => {
    noted(call);
    const most = Number(call.request);
    for (let i = 1; i <= (Number.isNaN(most) ? 1 : most); i += 1) call.write(String(i));
    if (!Number.isNaN(most)) call.end();
  };
  const join: handleClientStreamingCall<string, string> = (call, reply) => {
    noted(call);
    const texts: string[] = [];
    call.on('data', (text: string) => texts.push(text));
    call.on('end', () => reply(null, texts.join(' ')));
  };
  const talk: handleBidiStreamingCall<string, string> = (call) => {
    noted(call);
    call.on('data', (text: string) => call.write(text));
    call.on('end', () => call.end());
  };
  server.addService(SERVICE, { say, count, join, talk });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    url: `h2c://127.0.0.1:${port}`,
    seen,
    cancelled: () => cancelled,
    close: async () => server.forceShutdown(),
  };
}

/** What a call ended with. */
interface Outcome {
  /** Name of the status: `OK`, `NOT_FOUND`. */
  readonly status: string;
  readonly details: string;
  readonly trailers: Metadata;
  readonly texts: readonly string[];
}

/** A gRPC client. */
export interface GrpcClient {
  say(text: string): Promise<Outcome>;
  count(most: string): Promise<Outcome>;
  join(texts: readonly string[]): Promise<Outcome>;
  /** A call that stays open; every text is sent when the one before it has come back. */
  talk(texts: readonly string[]): Promise<Outcome>;
  /** Begins to count, reads one text, and leaves. */
  leave(): Promise<Outcome>;
  close(): void;
}

/** A client of `host`, connected to a port of this machine. */
export function grpcClient(
  port: number,
  host: string,
  metadata: Record<string, string> = {},
): GrpcClient {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.default_authority': host,
    'grpc.enable_retries': 0,
  });
  const sent = (): Metadata => {
    const all = new Metadata();
    for (const [name, value] of Object.entries(metadata)) all.set(name, value);
    return all;
  };
  const path = (name: string) => `/test.Echo/${name}`;
  const { requestSerialize: write, responseDeserialize: read } = SERIALIZER;
  return {
    say: (text) =>
      unary((done) => client.makeUnaryRequest(path('Say'), write, read, text, sent(), done)),
    count: (most) =>
      streamed(client.makeServerStreamRequest(path('Count'), write, read, most, sent()), () => {}),
    join: (texts) =>
      unary((done) => {
        const call = client.makeClientStreamRequest(path('Join'), write, read, sent(), done);
        for (const text of texts) call.write(text);
        call.end();
        return call;
      }),
    talk(texts) {
      const call = client.makeBidiStreamRequest(path('Talk'), write, read, sent());
      let next = 0;
      const more = (): void => {
        const text = texts[next];
        next += 1;
        if (text === undefined) call.end();
        else call.write(text);
      };
      more();
      return streamed(call, more);
    },
    leave() {
      const call = client.makeServerStreamRequest(path('Count'), write, read, '∞', sent());
      return streamed(call, () => call.cancel());
    },
    close: () => client.close(),
  };
}

interface Heard {
  on(
    event: 'status',
    heard: (end: { code: number; details: string; metadata: Metadata }) => void,
  ): unknown;
}

function unary(
  call: (done: (error: ServiceError | null, text?: string) => void) => Heard,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    call((_error, text) => {
      if (text !== undefined) texts.push(text);
    }).on('status', (end) => resolve(outcomeOf(end, texts)));
  });
}

function streamed(
  call: Heard & {
    on(event: 'data', heard: (text: string) => void): unknown;
    on(event: 'error', heard: (error: Error) => void): unknown;
  },
  onText: () => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const texts: string[] = [];
    call.on('data', (text) => {
      texts.push(text);
      onText();
    });
    call.on('error', () => {
      // The status says the same.
    });
    call.on('status', (end) => resolve(outcomeOf(end, texts)));
  });
}

function outcomeOf(
  { code, details, metadata }: { code: number; details: string; metadata: Metadata },
  texts: readonly string[],
): Outcome {
  return { status: status[code] ?? String(code), details, trailers: metadata, texts };
}
