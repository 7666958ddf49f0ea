/** Reads a small request body, bounded in size and time. Bodies on their way to apps are streamed instead. */
import type { IncomingMessage } from 'node:http';
import { Problem } from '../../core/values/problem.ts';

/** Largest body that is read, in bytes. */
export const MAX_BODY = 64 * 1024;
/** Time for the whole body, in milliseconds: a slow sender must not hold a socket. */
const BODY_TIME = 15_000;

/** The body, or a Problem `body/too-large` (413) or `body/slow` (408). */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > MAX_BODY) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      done(() => reject(new Problem('body/slow', 'The request took too long.', { status: 408 })));
    }, BODY_TIME);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onFault).off('close', onFault);
      request.pause();
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_BODY) done(() => reject(tooLarge()));
      else chunks.push(chunk);
    };
    const onEnd = (): void => done(() => resolve(Buffer.concat(chunks)));
    const onFault = (): void => {
      done(() => reject(new Problem('body/broken', 'The request ended early.', { status: 400 })));
    };
    request.on('data', onData).on('end', onEnd).on('error', onFault).on('close', onFault);
  });
}

function tooLarge(): Problem {
  return new Problem('body/too-large', `A request here may have ${MAX_BODY} bytes.`, {
    status: 413,
  });
}
