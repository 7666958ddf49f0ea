/** Whether a Docker engine is available; checked once, quickly, without heavy imports. */
import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Whether the engine of DOCKER_HOST, or the default socket, replies to a ping within two seconds.
 */
export async function dockerAnswers(): Promise<boolean> {
  const address = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const url = URL.parse(address);
  if (url === null) return false;
  const socket =
    url.protocol === 'unix:'
      ? connect(url.pathname)
      : connect(Number(url.port === '' ? 2375 : url.port), url.hostname);
  const signal = AbortSignal.timeout(2_000);
  try {
    await once(socket, 'connect', { signal });
    socket.write('GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n');
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    return answer.toString('latin1').startsWith('HTTP/1.') && answer.includes(' 200 ');
  } catch {
    // No reply: try the next way.
    return false;
  } finally {
    socket.destroy();
  }
}
