/** The address of a listener: host and port, or a unix socket. */
import { isIP } from 'node:net';

/** An address to listen on. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** A public listener. */
export type Listener = ListenAddress & {
  /** Envoy's checks over gRPC in place of HTTP. */
  readonly serves?: 'envoy-grpc';
  /** Who may set X-Forwarded-*: every `peer`, or those on a list. Without it, trusted_proxies. */
  readonly trusts?: 'peer' | readonly string[];
  /** Every connection begins with a PROXY header of a trusted peer. */
  readonly proxyProtocol?: true;
  /** HTTP/2 in cleartext beside HTTP/1.1. */
  readonly http2?: true;
};

const TCP = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** Parses `127.0.0.1:4747`, `[::1]:4747`, `localhost:4747` or `unix:/run/doorward.sock`; null for other texts. Port 0 is any free port. */
export function parseListenAddress(text: string): ListenAddress | null {
  if (text.startsWith('unix:')) {
    const path = text.slice(5);
    // Linux limits a socket path (sun_path) to 108 bytes, including the terminating zero.
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

/** Whether only this machine can reach the address. */
export function isLoopback(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const { host } = address;
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** An address as written in the configuration. */
export function addressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
