/** Where a listener stands: host and port, or a unix socket. */
import { isIP } from 'node:net';

/** A place to listen. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** A public listener: a place, and whether all that connects there may speak X-Forwarded-*. */
export type Listener = ListenAddress & { readonly trusts?: 'peer' };

const TCP = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** Reads `127.0.0.1:4747`, `[::1]:4747`, `localhost:4747` or `unix:/run/doorward.sock`; port 0 is any free one. */
export function parseListenAddress(text: string): ListenAddress | null {
  if (text.startsWith('unix:')) {
    const path = text.slice(5);
    // The kernel's limit for the path of a socket, sun_path, is 108 bytes with its end.
    const fits = path.startsWith('/') && Buffer.byteLength(path) < 108;
    return fits && !path.includes('\0') ? { kind: 'unix', path } : null;
  }
  const match = TCP.exec(text);
  if (match === null) return null;
  const host = match[1] ?? match[2] ?? '';
  const port = Number(match[3]);
  if (port > 65_535 || (match[1] !== undefined && isIP(host) !== 6)) return null;
  return { kind: 'tcp', host, port };
}

/** Whether only this machine can reach it. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const { host } = address;
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
