/** A Postgres database that several instances share. */

/** Where the database is, and how to get in. */
export interface PostgresAddress {
  /** A name or address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  /** Undefined: the environment's `PGPASSWORD`, or none. */
  readonly password: string | undefined;
  /** Null: no TLS. */
  readonly tls: PostgresTls | null;
}

/** How the server is verified. */
interface PostgresTls {
  /** `verify-ca`: by an authority, whatever its name. `verify-full`: also by its name. */
  readonly mode: 'verify-ca' | 'verify-full';
  /** Path of the PEM file with the authorities; null: those of Node. */
  readonly rootCert: string | null;
}

/** Where the database is, for messages: never with the password. */
export function describePostgres({ host, port, name }: PostgresAddress): string {
  const at = host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `Postgres database ${name} at ${at}`;
}
