/** The session secrets of a gateway: the configured ones, or a random one kept in `data_dir`. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../core/values/error-code.ts';
import { Problem } from '../../core/values/problem.ts';

const SECRET_FILE = 'session-secret';

/**
 * Returns the configured secrets, or else the one stored in `dataDir`, which is created on first use.
 * Also creates `dataDir`, readable by this account alone.
 */
export async function effectiveSecrets(
  configured: readonly string[],
  dataDir: string,
): Promise<readonly string[]> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unusable(dataDir, cause);
  });
  if (configured.length > 0) return configured;
  const path = join(dataDir, SECRET_FILE);
  try {
    // Exclusive: of several processes that start at once, one creates it and all read it.
    await writeFile(path, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw unusable(path, cause);
  }
  try {
    return [(await readFile(path, 'utf8')).trim()];
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem('data-dir/unusable', `${path} cannot be used: ${reason}`, { cause });
}
