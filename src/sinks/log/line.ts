/**
 * The lines that every request leaves, built by hand: they are the dearest piece of a warm check.
 * Whatever a client wrote becomes part of one JSON string; nothing can end the line or move a terminal.
 */
import type { Denial } from '../../core/access/decision-trace.ts';
import type { Event } from '../../core/access/event.ts';

type DecisionEvent = Extract<Event, { type: 'decision' }>;
type UpstreamEvent = Extract<Event, { type: 'upstream' }>;

/** Longest text of a field that a client writes, in characters. */
const LONGEST = 512;

const PLAIN = /^[ !#-[\]-~]*$/;
// DEL, C1 controls, line and paragraph separator, and what turns the direction of text around.
const UNSEEN = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text as JSON, without characters that tools show as something else. */
function jsonText(text: string): string {
  if (text.length <= LONGEST && PLAIN.test(text)) return `"${text}"`;
  return escapeUnseen(JSON.stringify(clipped(text)));
}

/** Text of at most LONGEST characters, and whether something was cut. */
export function clipped(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** JSON with the unseen characters in its strings escaped; they stand nowhere else in JSON. */
export function escapeUnseen(json: string): string {
  return json.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The line of a decision. `time` is ISO 8601. */
export function decisionLine(event: DecisionEvent, level: string, time: string): string {
  return (
    `{"level":"${level}","time":"${time}","msg":"decision"` +
    `,"request_id":${jsonText(event.requestId)}` +
    (event.traceId === null ? '' : `,"trace_id":${jsonText(event.traceId)}`) +
    `,"decision":"${event.decision}","status":${event.status}` +
    `,"route":${optionalText(event.route)},"rule":${optionalText(event.rule)}` +
    `,"reasons":${jsonList(event.reasons)}` +
    (event.why.length === 0 ? '' : `,"why":${whyList(event.why)}`) +
    (event.dryRun.length === 0 ? '' : `,"dry_run":${whyList(event.dryRun)}`) +
    `,"user_id":${optionalText(event.userId)}` +
    (event.credential === undefined ? '' : `,"credential":${jsonText(event.credential)}`) +
    (event.tokenId === undefined ? '' : `,"token_id":${jsonText(event.tokenId)}`) +
    `,"client_ip":${jsonText(event.clientIp)}` +
    `,"dialect":${jsonText(event.dialect)},"method":${jsonText(event.method)}` +
    `,"host":${jsonText(event.host)},"path":${jsonText(event.path)}` +
    `,"ms":${Math.round(event.ms * 1000) / 1000}}\n`
  );
}

/** The line of what an app answered. `time` is ISO 8601. */
export function upstreamLine(event: UpstreamEvent, level: string, time: string): string {
  return (
    `{"level":"${level}","time":"${time}","msg":"upstream"` +
    `,"request_id":${jsonText(event.requestId)},"route":${jsonText(event.route)}` +
    `,"status":${event.status},"fault":${jsonText(event.fault)}` +
    (event.cause === undefined
      ? ''
      : `,"cause":${jsonText(event.cause.word)},"detail":${jsonText(event.cause.message)}`) +
    (event.member === undefined ? '' : `,"member":${jsonText(event.member)}`) +
    (event.retries === undefined ? '' : `,"retries":${event.retries}`) +
    `,"ms":${Math.round(event.ms * 1000) / 1000}}\n`
  );
}

function optionalText(text: string | null): string {
  return text === null ? 'null' : jsonText(text);
}

/** Most noes that one line tells; a rule of more is read in the configuration. */
const MOST_WHY = 16;

function whyList(noes: readonly Denial[]): string {
  return `[${noes.slice(0, MOST_WHY).map(whyText).join(',')}]`;
}

function whyText({ rule, policy, code, detail, line }: Denial): string {
  return (
    `{"rule":${jsonText(rule)},"policy":${optionalText(policy)},"code":${jsonText(code)}` +
    `,"detail":${optionalText(detail)},"line":${jsonText(line)}}`
  );
}

function jsonList(texts: readonly string[]): string {
  if (texts.length === 1) return `[${jsonText(texts[0] as string)}]`;
  return `[${texts.slice(0, 32).map(jsonText).join(',')}]`;
}
