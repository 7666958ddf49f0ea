/**
 * Passes if the user has granted the app all listed permissions. Asking for consent is up to the
 * consent stage in the flow that `otherwise` names.
 */
import { z } from 'zod';
import { permissionName } from '../../schema/names.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';
import { texts } from './texts.ts';
import { fieldsOf } from '../../core/values/record.ts';

const SIGNAL = 'consent';

/** Maximum number of permissions, as in the stage. */
const MOST = 32;

const config = z.strictObject({
  permissions: z
    .array(permissionName)
    .max(MOST)
    .prefault([])
    .describe('Permissions that the user must have allowed, as named in the consent stage.'),
});

const GIVEN: Verdict = { pass: true, reason: { code: 'consent/given' } };

export const consent = definePolicy({
  type: 'consent',
  config,
  texts,
  needs: () => [SIGNAL],
  permissions: ({ permissions }) => permissions,
  compile({ permissions }) {
    return ({ user, route, signals, now }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      if (route === null) throw new Problem('policy/no-route', 'no app is at hand');
      const given = read(signals[SIGNAL]);
      const lacking =
        given === null ? permissions : permissions.filter((one) => !given.permissions.has(one));
      if (given === null || lacking.length > 0) {
        return lacking.length === 0
          ? failed(texts, 'consent/missing', {}, 'consent/nothing')
          : failed(texts, 'consent/missing', { permissions: lacking.join(', ') });
      }
      if (now < given.until) return GIVEN;
      return failed(texts, 'consent/expired', { time: new Date(given.until).toISOString() });
    };
  },
});

/** Parses the signal; null if it is malformed. `until` is in epoch milliseconds. */
function read(signal: unknown): { permissions: ReadonlySet<unknown>; until: number } | null {
  const { permissions, expiresAt } = fieldsOf(signal);
  if (!Array.isArray(permissions)) return null;
  if (expiresAt === null) return { permissions: new Set(permissions), until: Infinity };
  return typeof expiresAt === 'number'
    ? { permissions: new Set(permissions), until: expiresAt }
    : null;
}
