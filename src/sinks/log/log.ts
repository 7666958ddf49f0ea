/**
 * The log: one line per event, as JSON, or short and in color on a terminal. Messages are constant, and
 * values are in fields. Events never contain cookies, credentials or what users submit.
 */
import { pino } from 'pino';
import type { Clock } from '../../core/values/system.ts';
import type { Event, EventSink } from '../../core/access/event.ts';
import type { LogDestination } from './destination.ts';
import { errorFields } from './error-fields.ts';
import { clipped, decisionLine, escapeUnseen, upstreamLine } from './line.ts';
import { terminalLine } from './terminal-line.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly destination: LogDestination;
  /** Whether the log is a terminal: short lines, color. */
  readonly tty: boolean;
  readonly clock: Clock;
  /** The lowest level that is written; `info` by default. */
  readonly level?: LogLevel;
}

/** A sink that also writes messages that are not events. */
export interface Log extends EventSink {
  /** A constant message with values in fields. */
  say(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: object): void;
  /** Writes all buffered lines synchronously: for fatal faults and the end of the process. */
  flush(): void;
  /** Resolves when everything has been written: for a graceful end. */
  drain(): Promise<void>;
}

/** The log over one destination. */
export function createLog(options: LogOptions): Log {
  const { destination, tty, clock } = options;
  const level = options.level ?? 'info';
  const timeOf = isoTime();
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${timeOf(clock.now())}"`,
      // errorFields selects what is written; pino's own serializer would add all properties of the error.
      serializers: { err: (err: unknown) => err },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(escapeUnseen(line)) },
  );
  const isWritten = (needed: LogLevel): boolean =>
    LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(needed);
  const written = { info: isWritten('info'), warn: isWritten('warn'), error: isWritten('error') };

  return {
    emit(event) {
      const at = levelOf(event);
      if (!written[at]) return;
      if (tty) {
        destination.write(terminalLine(event, timeOf(clock.now()).slice(11, 19)));
        if (event.type === 'fault') destination.flush();
      } else if (event.type === 'decision') {
        destination.write(decisionLine(event, at, timeOf(clock.now())));
      } else if (event.type === 'upstream') {
        destination.write(upstreamLine(event, at, timeOf(clock.now())));
      } else {
        logger[at](fieldsOf(event), event.type);
      }
    },
    say(at, message, fields = {}) {
      if (!tty) logger[at](fields, message);
      else if (isWritten(at)) destination.write(`  ${message}${sayFields(fields)}\n`);
    },
    flush: () => destination.flush(),
    drain: () => destination.drain(),
  };
}

/** ISO 8601 of a time; the last one is remembered, since many lines share their millisecond. */
function isoTime(): (now: number) => string {
  let last = Number.NaN;
  let text = '';
  return (now) => {
    if (now !== last) {
      last = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}

type OtherEvent = Exclude<Event, { type: 'decision' | 'upstream' }>;

function levelOf(event: Event): 'info' | 'warn' | 'error' {
  switch (event.type) {
    case 'decision':
      return event.decision === 'error' ? 'error' : 'info';
    case 'sign-in':
      return event.result === 'right' ? 'info' : 'warn';
    case 'source':
      return event.result === 'unavailable' || event.result === 'refused' ? 'warn' : 'info';
    case 'upstream':
      return event.fault === '' || event.fault === 'client/gone' ? 'info' : 'warn';
    case 'connection':
      return 'warn';
    case 'member':
      return event.change === 'ejected' || event.change === 'down' ? 'warn' : 'info';
    case 'reload':
      return event.ok ? 'info' : 'error';
    case 'fault':
      return 'error';
    default:
      return 'info';
  }
}

/** Field names as in the decision line, so that one query finds all lines of a request. */
function fieldsOf(event: OtherEvent): Record<string, unknown> {
  const { type: _, ...rest } = event;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'cause' && event.type !== 'fault') Object.assign(fields, causeFields(event));
    else if (key === 'cause') fields['err'] = errorFields(value);
    else fields[snakeCase(key)] = typeof value === 'string' ? clipped(value) : value;
  }
  return fields;
}

/** Why another server could not be asked. */
function causeFields(event: OtherEvent): Record<string, unknown> {
  const cause = 'cause' in event && event.type !== 'fault' ? event.cause : undefined;
  return { cause: cause?.word, detail: clipped(cause?.message ?? '') };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function sayFields(fields: object): string {
  const text = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return text.length === 0 ? '' : `  ${escapeUnseen(text.join(' '))}`;
}
