/**
 * Proxies that no Debian package provides: the real one where its binary is on PATH, and elsewhere
 * what was recorded of it (recordings/README.md).
 */
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { FrontPlace } from '../support/fronts.ts';
import { needBinary } from '../support/packages.ts';
import { startPlayer } from '../support/recorded/player.ts';
import { type Recorder, startRecorder } from '../support/recorded/recorder.ts';
import { type Exchange, readTape, writeTape } from '../support/recorded/tape.ts';
import { isAway, type Mode } from './modes.ts';

/** A recorder that a test run is asked for. */
const IS_RECORDING = process.env.DOORWARD_TEST_RECORD === '1';

const REMEDY =
  'record it with the binary on PATH: DOORWARD_TEST_RECORD=1 npx vitest run test/hostile (recordings/README.md)';

/** Runs a suite with a mode, through the real proxy or its recording for this suite. */
export function throughRecorded(
  mode: Mode,
  { name, suite }: { readonly name: string; readonly suite: (mode: Mode) => void },
): void {
  const { front } = mode;
  if (front === null) throw new TypeError('nothing is recorded of Doorward itself');
  const file = `${name}-${front.generator}`;
  const isReal = !isAway(mode);
  const missing: string[] = [];
  let recorder: Recorder | null = null;
  const start = async (place: FrontPlace) => {
    const { destinations } = place;
    if (destinations === undefined) throw new TypeError('a world that is not recorded');
    if (!isReal) return startPlayer(readTape(file), place, { destinations, missing });
    recorder = await startRecorder(front, place, destinations);
    return recorder.program;
  };
  const seen = isReal ? versionOf(front.generator) : readTape(file).proxy;
  const title = isReal ? mode.name : `${mode.name}, replayed`;
  suite({ name: title, front: { ...front, isHere: () => true, start } });

  const taken = () => recorder?.exchanges() ?? [];
  const proofs: Record<string, () => readonly unknown[]> = isReal
    ? proofsByBinary(file, { seen, taken })
    : { 'has every request': () => missing };
  for (const [promise, lacks] of Object.entries(proofs)) {
    it(`the recording of ${mode.name} ${promise}`, () => expect(lacks(), REMEDY).toEqual([]));
  }
}

/** What the real proxy shows that a recording lacks; nothing if another version was recorded. */
function proofsByBinary(
  file: string,
  { seen, taken }: { readonly seen: string; readonly taken: () => readonly Exchange[] },
): Record<string, () => readonly unknown[]> {
  if (IS_RECORDING) {
    return {
      'is written': () => {
        writeTape(file, { proxy: seen, exchanges: taken() });
        return taken().length === 0 ? ['any exchange'] : [];
      },
    };
  }
  const { proxy, exchanges } = readTape(file);
  if (seen !== proxy) {
    console.log(`${file}: recorded with ${proxy}, not compared with ${seen}`);
    return {};
  }
  return {
    'is what the proxy sends': () => {
      const known = new Map(exchanges.map((one) => [one.client.join('\n'), one]));
      const sent = taken();
      if (sent.length === 0) return ['any exchange'];
      return sent.filter((one) => !isDeepStrictEqual(known.get(one.client.join('\n')), one));
    },
  };
}

/** Name and version of the proxy on PATH. */
function versionOf(generator: string): string {
  const name = generator.replace(/-.*/, '');
  const option = name === 'traefik' ? 'version' : '--version';
  const text = execFileSync(needBinary(name), [option], { encoding: 'utf8' });
  return `${name} ${/\d+\.\d+\.\d+/.exec(text)?.[0] ?? text.trim()}`;
}
