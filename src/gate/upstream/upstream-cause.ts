/** Which failures of an exchange with an app allow another attempt. */
import { causeOf } from '../../core/values/network-cause.ts';

/** Whether the app certainly received nothing. */
export function neverReached(error: unknown): boolean {
  const word = causeOf(error)?.word ?? '';
  return UNREACHED.has(word) || word.startsWith('tls/') || word.startsWith('socket/');
}

const OURS = new Set(['no-ports', 'no-files']);
const UNREACHED = new Set(['refused', 'dns', 'unreachable', 'answer/not-http2', ...OURS]);

/** Whether the app cannot be reached, rather than this machine lacking something. */
export function isUnreachable(error: unknown): boolean {
  return neverReached(error) && !OURS.has(causeOf(error)?.word ?? '');
}

/** Whether a time limit passed. */
export function isTimeout(error: unknown): boolean {
  return causeOf(error)?.word === 'timeout';
}
