/** A gateway whose route accepts what programs send, and one credential of each kind. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKey } from '../support/jwt.ts';
import { basic } from '../support/tokens.ts';
import { type BenchGateway, BENCH_PASSWORD, startBenchGateway } from './gateway.ts';

/** A running gateway, and Authorization fields that it accepts. */
export interface CredentialBench {
  readonly gateway: BenchGateway;
  readonly fields: Readonly<Record<'token' | 'jwt' | 'password', string>>;
}

const ISSUER = 'https://ci.bench.test';

/** Starts it; the caller stops the gateway. */
export async function startCredentialBench(
  options: Parameters<typeof startBenchGateway>[0],
): Promise<CredentialBench> {
  const key = await testKey('bench');
  const dir = mkdtempSync(join(tmpdir(), 'doorward-bench-'));
  const file = join(dir, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [key.jwk] }));
  const gateway = await startBenchGateway({
    ...options,
    accepts: '[session, basic, bearer]',
    extra: `jwt: [{ name: ci, issuer: "${ISSUER}", audience: bench, claims: { sub: bench }, user: alice, jwks_file: ${file} }]`,
  });
  const main = join(import.meta.dirname, '../../src/main.ts');
  const line = ['token', 'create', 'alice', '--name', 'bench', '-c', gateway.configFile];
  const token = execFileSync(process.execPath, [main, ...line])
    .toString()
    .trim();
  const iat = Math.floor(Date.now() / 1000);
  const jwt = await key.sign({ iss: ISSUER, aud: 'bench', sub: 'bench', iat, exp: iat + 3600 });
  return {
    gateway: {
      ...gateway,
      stop() {
        gateway.stop();
        rmSync(dir, { recursive: true, force: true });
      },
    },
    fields: {
      token: `Bearer ${token}`,
      jwt: `Bearer ${jwt}`,
      password: basic('alice', BENCH_PASSWORD),
    },
  };
}
