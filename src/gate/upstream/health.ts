/**
 * Health checks: a GET over a connection of its own to each member that has them, at intervals that
 * differ a little, so that the checks of many members and processes do not meet.
 */
import { Client } from 'undici';
import type { HealthCheck } from '../../core/routes/upstream.ts';
import { type Member, poolOptions } from './member.ts';
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
  const client = new Client(target.origin, poolOptions(target));
  let fault: Error | null = null;
  let size = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    cancel();
    void client.destroy();
  };
  const end = (why: Error | null): void => {
    if (isOver) return;
    stop();
    done(why);
  };
  const cancel = later(check.timeout, () => end(noAnswer(check.timeout)));
  client.dispatch(
    { method: 'GET', path: check.path, headers: ['User-Agent', 'doorward-health'], reset: true },
    {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status) {
        if (status >= 200) fault = passes(check, status) ? null : wrongStatus(status);
      },
      onResponseData(_controller, chunk) {
        size += chunk.length;
        if (size > MAX_BODY) end(fault);
      },
      onResponseEnd: () => end(fault),
      onResponseError: (_controller, error) => end(error),
    },
  );
  return stop;
}

function passes({ statuses }: HealthCheck, status: number): boolean {
  return statuses === null ? status < 400 : statuses.includes(status);
}

function wrongStatus(status: number): Error {
  return Object.assign(new Error(`the health check got ${status}`), { code: 'ERR_HEALTH_STATUS' });
}
