/** Checks with what programs send, each kind remembered, beside a remembered session at the same gateway. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKey } from '../../support/jwt.ts';
import { basic } from '../../support/tokens.ts';
import {
  type BenchGateway,
  BENCH_PASSWORD,
  type BenchGatewayOptions,
  createToken,
  startBenchGateway,
} from '../gateway.ts';
import { measure } from '../measure.ts';
import { mintSessions } from '../sessions.ts';
import { checkOf, checkWith, contender, type Stand } from '../stand.ts';

const ISSUER = 'https://ci.bench.test';
const PLAN = { rounds: 21, milliseconds: 250, connections: 32 };
/** Longest time of the rounds, in milliseconds. */
const LIMIT = 45_000;

export async function measureCredentials({ report, begin, state, app }: Stand): Promise<void> {
  const { gateway, fields } = await startCredentialBench({ state, upstream: app.port });
  await begin(Promise.resolve(gateway));
  const [cookie = ''] = await mintSessions(gateway.configFile, 1);
  const kinds = Object.entries(fields);
  const all = [
    contender('session', gateway, checkOf(cookie)),
    ...kinds.map(([kind, field]) => contender(kind, gateway, checkWith(field))),
  ];
  const measured = await measure(all, { ...PLAN, deadline: performance.now() + LIMIT });
  const session = measured.get('session');
  for (const [kind] of kinds) {
    report.compare(`check, ${kind} remembered`, 'session remembered', measured.get(kind), session);
  }
}

/** A running gateway, and Authorization fields that it accepts. */
interface CredentialBench {
  readonly gateway: BenchGateway;
  readonly fields: Readonly<Record<'token' | 'jwt' | 'password', string>>;
}

/** A gateway whose route accepts what programs send, and one credential of each kind. */
async function startCredentialBench(options: BenchGatewayOptions): Promise<CredentialBench> {
  const key = await testKey('bench');
  const dir = mkdtempSync(join(tmpdir(), 'doorward-bench-'));
  const file = join(dir, 'keys.json');
  writeFileSync(file, JSON.stringify({ keys: [key.jwk] }));
  const gateway = await startBenchGateway({
    ...options,
    accepts: '[session, basic, bearer]',
    extra: `jwt: [{ name: ci, issuer: "${ISSUER}", audience: bench, claims: { sub: bench }, user: alice, jwks_file: ${file} }]`,
  });
  const token = createToken(gateway, 'alice');
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
