/** Options that name something which is defined elsewhere in the configuration. */
import { z } from 'zod';

/** The form of the names of flows, routes, policies and stage bindings. */
export const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** The name of a flow, route, policy or stage binding. */
export const name = z
  .string()
  .regex(NAME, 'expected a name of lowercase letters, digits, - and _, at most 64 characters');

/** The name of a directory. It begins the ids of the directory's users. */
export const directoryName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    'expected a directory name of lowercase letters, digits and -, a letter first, at most 32 characters',
  );

/** The name of a prompted field. */
export const fieldName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,31}$/,
    'expected a field name of lowercase letters, digits and _, a letter first, at most 32 characters',
  );

/** The name of a permission that a user grants to an app. */
export const permissionName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9:._-]{0,63}$/,
    'expected a permission of lowercase letters, digits and :._-, at most 64 characters',
  );
