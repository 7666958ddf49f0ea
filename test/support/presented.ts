import type { Presented } from '../../src/core/access/visitors.ts';

/** A request with this Cookie header and no other. */
export function presented(
  cookie: string | null,
  clientIp = '192.0.2.7',
  host = 'wiki.example.com',
): Presented {
  return {
    header: (name) => (name === 'cookie' ? cookie : null),
    clientIp,
    host,
    viaTrustedProxy: false,
  };
}
