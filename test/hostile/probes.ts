/** The probes of cases/attacks.json as bytes, and what their expectations mean. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A probe that is one request. */
export interface RequestProbe {
  readonly id: string;
  readonly class: string;
  readonly expect: string;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly version: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
    readonly raw?: string;
    readonly value?: string;
  };
}

/** A probe described in steps; each has a test of its own, or waits for its feature. */
interface StepProbe {
  readonly id: string;
  readonly steps: readonly string[];
}

const all = JSON.parse(
  readFileSync(join(import.meta.dirname, 'cases/attacks.json'), 'utf8'),
) as readonly (RequestProbe | StepProbe)[];

export const requestProbes = all.filter((probe) => 'request' in probe);
export const stepProbes = all.filter((probe) => 'steps' in probe);

/** Fills in `{{session:USER}}` and the cookie's name in its disguises. */
export async function fill(
  text: string,
  cookieOf: (user: string) => Promise<string>,
): Promise<string> {
  const user = /\{\{session:(\w+)\}\}/.exec(text)?.[1];
  const pair = user === undefined ? '' : await cookieOf(user === 'alice_evilname' ? 'evil' : user);
  return text
    .replaceAll(/\{\{session:\w+\}\}/g, () => pair)
    .replaceAll('{{name}}', 'doorward')
    .replaceAll('{{NAME}}', 'DOORWARD')
    .replaceAll('{{pctname}}', '%64oorward');
}

/**
 * `Connection: close`, so that tests see the end of the replies instead of waiting; nothing where
 * the probe is about connections.
 */
export function closing(probe: RequestProbe): string {
  const { version, headers } = probe.request;
  const isAboutIt =
    probe.class === 'request-smuggling' ||
    version !== 'HTTP/1.1' ||
    headers.some(([name]) => /^(?:connection|upgrade)$/i.test(name));
  return isAboutIt ? '' : 'Connection: close\r\n';
}

/** The bytes of a probe (latin-1). */
export function bytesOf(probe: RequestProbe): string {
  const { raw, method, target, version, headers, body } = probe.request;
  if (raw !== undefined) return raw;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('') + closing(probe);
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n`;
  return `${method} ${target} ${version}\r\n${lines}${length}\r\n${body}`;
}

/** Header names as careless parsers fold them. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[_.-]/g, '').replace(/^http/, '');
}

/** The values that an app received under any spelling of a header. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (fold(rawHeaders[i] as string) === fold(name)) values.push(rawHeaders[i + 1] as string);
  }
  return values;
}
