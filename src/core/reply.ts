/** The answer as a client hears it: for proxies that pass ours on whole, and for ourselves. */
import type { Answer, Reply } from './dialect.ts';

/** An answer as plain HTTP. Allow is exactly 200, since Envoy takes no other 2xx. */
export function wholeReply(answer: Answer): Reply {
  switch (answer.kind) {
    case 'allow':
      return { status: 200, headers: answer.headers, body: null };
    case 'redirect':
      return { status: answer.status, headers: ['Location', answer.to], body: null };
    case 'unauthorized':
      return { status: 401, headers: [], body: answer.body };
    case 'refuse':
      return { status: answer.status, headers: answer.headers, body: answer.body };
  }
}
