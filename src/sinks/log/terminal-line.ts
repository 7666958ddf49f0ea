/** Events as short lines for a terminal. Never for machines. */
import type { Event } from '../../core/access/event.ts';
import { clipped } from './line.ts';

const COLOURS = { red: 31, green: 32, yellow: 33, grey: 90 } as const;
type Colour = keyof typeof COLOURS;

const DECISION: Readonly<Record<string, Colour>> = {
  allow: 'green',
  authenticate: 'yellow',
  deny: 'red',
  error: 'red',
};

/** One line; `clock` is a time of day. Everything a client wrote is made harmless. */
export function terminalLine(event: Event, clock: string): string {
  const [word, colour, rest] = wordsOf(event);
  return `${paint(clock, 'grey')} ${paint(word.padEnd(12), colour)} ${harmless(rest)}\n`;
}

/** What a line says of a source. */
function sourceText({ source, code, cause }: OfSource): string {
  const why = cause === undefined ? '' : `  ${cause.word}: ${cause.message}`;
  return source === undefined ? '' : `  ${source}${code == null ? '' : ` ${code}`}${why}`;
}

interface OfSource {
  readonly source?: string;
  readonly code?: string | null;
  readonly cause?: { readonly word: string; readonly message: string };
}

type SourceEvent = Extract<Event, { type: 'source' }>;

function isTrouble({ result }: SourceEvent): boolean {
  return result === 'unavailable' || result === 'refused';
}

function ofSource(event: SourceEvent): string {
  const whom = event.userId ?? `${event.sessions ?? 0} sessions`;
  return `${event.about} ${event.result}${sourceText(event)}  ${whom}`;
}

function wordsOf(event: Event): [string, Colour, string] {
  switch (event.type) {
    case 'decision': {
      const who = event.userId ?? 'anonymous';
      const reasons = event.decision === 'allow' ? '' : `  ${event.reasons.join(', ')}`;
      const dry = event.dryRun.length === 0 ? '' : `  would deny: ${codesOf(event.dryRun)}`;
      const text = `${event.status} ${event.method} ${event.host}${event.path}  ${who}${reasons}${dry}  ${event.ms.toFixed(1)} ms`;
      return [event.decision, DECISION[event.decision] ?? 'red', text];
    }
    case 'sign-in':
      return [
        'sign-in',
        event.result === 'right' ? 'green' : 'yellow',
        `${event.method} ${event.result}${sourceText(event)}  ${event.userId ?? 'unknown user'}  ${event.clientIp}`,
      ];
    case 'flow':
      return [
        'flow',
        event.outcome === 'stopped' ? 'yellow' : 'grey',
        `${event.flow} ${event.outcome}${event.code === null ? '' : `  ${event.code}`}`,
      ];
    case 'dry-run':
      return ['dry run', 'grey', `${event.flow}  would deny: ${codesOf(event.why)}`];
    case 'session':
      return ['session', 'grey', `${event.change}  ${event.userId}`];
    case 'source':
      return ['source', isTrouble(event) ? 'yellow' : 'grey', ofSource(event)];
    case 'account':
      return [
        'account',
        'grey',
        `${event.change}  ${event.userId ?? 'no user yet'}  ${event.flow}`,
      ];
    case 'upstream':
      return [
        'upstream',
        event.fault === '' ? 'grey' : 'red',
        `${event.route} ${event.status}${event.member === undefined ? '' : `  ${event.member}`}${faultText(event)}  ${event.ms.toFixed(1)} ms`,
      ];
    case 'connection':
      return ['connection', 'red', `${event.code}  ${event.peer}`];
    case 'member': {
      const isOut = event.change === 'ejected' || event.change === 'down';
      const why = event.cause === undefined ? '' : `  ${event.cause.word}: ${event.cause.message}`;
      return ['member', isOut ? 'red' : 'green', `${event.member} ${event.change}${why}`];
    }
    case 'reload':
      return event.ok
        ? ['reload', 'green', 'the new configuration is in force']
        : ['reload', 'red', `refused, ${event.faults} faults; the old configuration stays`];
    case 'fault':
      return [
        'fault',
        'red',
        `${event.code}${event.cause instanceof Error ? `  ${event.cause.message}` : ''}`,
      ];
  }
}

function faultText({ fault, cause }: Extract<Event, { type: 'upstream' }>): string {
  if (fault === '') return '';
  return cause === undefined ? `  ${fault}` : `  ${fault}  ${cause.word}: ${cause.message}`;
}

function codesOf(noes: readonly { readonly code: string }[]): string {
  return noes.map(({ code }) => code).join(', ');
}

function paint(text: string, colour: Colour): string {
  return `\u001b[${COLOURS[colour]}m${text}\u001b[0m`;
}

function harmless(text: string): string {
  return clipped(text).replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
