/**
 * What a real proxy did with each request of a suite: the bytes of its client, and those that it sent
 * to Doorward and to apps. What differs from run to run (tickets, ports) has placeholders.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const FOLDER = join(import.meta.dirname, '../../hostile/recordings');

/**
 * Where a proxy sends bytes: `doorward`, or the name of an app. `grpc`: the message of a call.
 * `client`: what the proxy says by itself.
 */
export type Leg = string;

/** What a proxy sent, in lines. */
export interface Sent {
  readonly to: Leg;
  /** The status of the answer, for gRPC that of the verdict; 0: none. */
  readonly status: number;
  readonly lines: readonly string[];
}

/** Whether Doorward is asked, not to serve but to decide. */
export function isCheck({ to, lines }: Sent): boolean {
  return to === 'grpc' || (to === 'doorward' && (lines[0] ?? '').includes(' /.doorward/check/'));
}

/** One connection of a client. */
export interface Exchange {
  readonly client: readonly string[];
  readonly sent: readonly Sent[];
}

/** A recording. */
export interface Tape {
  /** The proxy and its version. */
  readonly proxy: string;
  readonly exchanges: readonly Exchange[];
}

/** Ports, each with the name of its placeholder. */
export type Ports = readonly (readonly [string, number])[];

/** Reads a recording. */
export function readTape(name: string): Tape {
  return JSON.parse(gunzipSync(readFileSync(fileOf(name))).toString()) as Tape;
}

/** Writes a recording, with one exchange a line. */
export function writeTape(name: string, { proxy, exchanges }: Tape): void {
  const rows = exchanges.map((exchange) => JSON.stringify(exchange)).join(',\n');
  const text = `{"proxy": ${JSON.stringify(proxy)}, "exchanges": [\n${rows}\n]}\n`;
  writeFileSync(fileOf(name), gzipSync(text, { level: 9 }));
}

function fileOf(name: string): string {
  return join(FOLDER, `${name}.json.gz`);
}

/** Tickets, and other texts as long: a recording is good for any. */
const LONG = /Fe26\.2\*[\w.*~-]+|[\w-]{40,}/g;

/** Puts placeholders for what differs from run to run, and values for placeholders. */
export interface Placeholders {
  readonly put: (text: string) => string;
  readonly fill: (text: string) => string;
}

/** Of one exchange, by the bytes of its client. */
export function placeholders(client: string, ports: Ports): Placeholders {
  const values = new Map([...new Set(client.match(LONG))].map((text, i) => [`{{${i}}}`, text]));
  return {
    put(text) {
      let out = text;
      for (const [name, value] of values) out = out.replaceAll(value, name);
      for (const [name, port] of ports) {
        out = out.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), `{{${name}}}`);
      }
      return out.replaceAll(`X-Forwarded-Server: ${hostname()}`, 'X-Forwarded-Server: {{machine}}');
    },
    fill(text) {
      let out = text.replaceAll('{{machine}}', 'machine');
      for (const [name, port] of ports) out = out.replaceAll(`{{${name}}}`, String(port));
      for (const [name, value] of values) out = out.replaceAll(name, () => value);
      return out;
    },
  };
}

/**
 * Whether a test's browser sent this: it names the port, in a field that node writes in lower case.
 * It signs in, and is not recorded.
 */
export function isOfBrowser(client: string, port: number): boolean {
  return new RegExp(`^host: [\\w.]+:${port}\r$`, 'm').test(client);
}
