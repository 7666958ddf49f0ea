/** One request to an app and what its listener receives. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Holder } from '../visitor/holder.ts';

/** Trailers to come. */
export interface Trailers {
  /** Their names. */
  readonly announced: readonly string[];
  /** Flat; called when the body has ended. */
  readonly read: () => string[];
}

/** One request for an upstream. */
export interface UpstreamRequest {
  readonly group: UpstreamGroup;
  /** Whose share of the app it uses. */
  readonly holder: Holder;
  readonly method: string;
  /** Path and query, below the base path of the group. */
  readonly path: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly headers: string[];
  readonly body: Readable | null;
  /** Null unless the client announced trailers for its chunked body. */
  readonly trailers: Trailers | null;
}

/** Steers an exchange. */
export type Steering = Pick<Dispatcher.DispatchController, 'abort' | 'pause' | 'resume'>;

/** Receives what happens: `head` for every 1xx and once for the response, then data, then `end` or `fault`. */
export interface Listener {
  /** Called again when the request is sent again. */
  started(steering: Steering): void;
  head(status: number, reason: string, raw: unknown): void;
  data(chunk: Buffer): void;
  end(rawTrailers: unknown): void;
  fault(error: Error): void;
}

/** A request handed to its pool. */
export interface Sending {
  /** Whether it still waits for its turn. */
  readonly isWaiting: () => boolean;
  /** Gives up its turn, and tries no other member. What has begun is ended by its steering. */
  readonly cancel: () => void;
  /** Where it went. */
  readonly course: () => SentTo;
}

/** Where a request went. */
export interface SentTo {
  /** URL of the member, if its group has several and one was chosen. */
  readonly member: string | null;
  /** Members that could not be reached before. */
  readonly retries: number;
}
