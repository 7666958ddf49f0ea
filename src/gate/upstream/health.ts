/**
 * Health checks: a GET over a connection of its own to each member that has them, at intervals that
 * differ a little, so that the checks of many members and processes do not meet.
 */
import { Client } from 'undici';
import type { HealthCheck } from '../../core/routes/upstream.ts';
import { createSessions } from '../http2/sessions.ts';
import { connectTo } from './dial.ts';
import type { TryListener } from './dispatch.ts';
import { type Member, poolOptions } from './member.ts';
import type { Target } from './target.ts';
import { noAnswer } from './upstream-problem.ts';

/** Runs a task later; returns a function that cancels it. Must not keep the process alive. */
export type Later = (milliseconds: number, task: () => void) => () => void;

/** What health checks need. */
export interface HealthOptions {
  /** A number from 0 up to 1. */
  readonly chance: () => number;
  readonly later: Later;
}

/** The checks under way. */
export interface HealthChecks {
  /** Checks these members, as far as they have checks, and no others. */
  keep(members: ReadonlySet<Member>): void;
}

/** The first check comes within this time, in milliseconds. */
const FIRST = 1_000;

/** No checks yet. */
export function createHealthChecks({ chance, later }: HealthOptions): HealthChecks {
  const running = new Map<Member, () => void>();

  const start = (member: Member, check: HealthCheck): (() => void) => {
    let stop: () => void;
    const probeAfter = (milliseconds: number): void => {
      stop = later(milliseconds, () => {
        stop = probe(member, check, later, (fault) => {
          if (fault === null) member.standing.passed();
          else member.standing.missed(fault);
          probeAfter(check.every * (0.9 + chance() / 5));
        });
      });
    };
    probeAfter(chance() * Math.min(FIRST, check.every));
    return () => stop();
  };

  return {
    keep(members) {
      for (const [member, stop] of running) {
        if (members.has(member)) continue;
        running.delete(member);
        stop();
      }
      for (const member of members) {
        if (member.health === null || running.has(member)) continue;
        running.set(member, start(member, member.health));
      }
    },
  };
}

/** Most of a response that is read before the connection is cut, in bytes. */
const MAX_BODY = 64 * 1024;

/** Sends one check; `done` receives why it failed, or null. Returns a function that stops it. */
function probe(
  { target }: Pick<Member, 'target'>,
  check: HealthCheck,
  later: Later,
  done: (fault: Error | null) => void,
): () => void {
  let fault: Error | null = null;
  let size = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    cancel();
    contact.cut();
  };
  const end = (why: Error | null): void => {
    if (isOver) return;
    stop();
    done(why);
  };
  const cancel = later(check.timeout, () => end(noAnswer(check.timeout)));
  const contact = target.isHttp2 ? inHttp2(target) : inHttp1(target);
  contact.get(check.path, {
    head(status) {
      if (status >= 200) fault = passes(check, status) ? null : wrongStatus(status);
    },
    data(chunk) {
      size += chunk.length;
      if (size > MAX_BODY) end(fault);
    },
    end: () => end(fault),
    fault: end,
  });
  return stop;
}

/** A connection for one check. */
interface Contact {
  readonly get: (path: string, heard: Heard) => void;
  readonly cut: () => void;
}

/** What a check hears of the response. */
type Heard = Pick<TryListener, 'data' | 'fault'> & {
  head(status: number): void;
  end(): void;
};

const FIELDS = ['User-Agent', 'doorward-health'];

function inHttp1(target: Target): Contact {
  const client = new Client(target.origin, poolOptions(target));
  return {
    get(path, heard) {
      client.dispatch(
        { method: 'GET', path, headers: FIELDS, reset: true },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status) => heard.head(status),
          onResponseData: (_controller, chunk) => heard.data(chunk),
          onResponseEnd: () => heard.end(),
          onResponseError: (_controller, error) => heard.fault(error),
        },
      );
    },
    cut: () => void client.destroy(),
  };
}

function inHttp2(target: Target): Contact {
  const sessions = createSessions((dialed) => connectTo(target, dialed));
  const { authority } = target;
  return {
    get(path, heard) {
      const head = { method: 'GET', path, authority, headers: FIELDS };
      const listener = { ...heard, started: () => undefined };
      sessions.send({ ...head, body: null, trailers: null }, listener);
    },
    cut: () => void sessions.destroy(),
  };
}

function passes({ statuses }: HealthCheck, status: number): boolean {
  return statuses === null ? status < 400 : statuses.includes(status);
}

function wrongStatus(status: number): Error {
  return Object.assign(new Error(`the health check got ${status}`), { code: 'ERR_HEALTH_STATUS' });
}
