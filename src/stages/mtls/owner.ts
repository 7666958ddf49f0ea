/** Whether what a certificate says of its owner matches a user. */
import { foldName, type User } from '../../core/people/user.ts';
import { comparable } from '../../core/credential/certificate.ts';
import type { Options } from './options.ts';

/** Whether the name in the certificate matches the user's value in the directory. */
export function belongsTo(named: string, user: User, options: Options): boolean {
  const plain = (text: string): string => foldName(comparable(options.attribute, text));
  return known(user, options.equals).some((value) => plain(value) === plain(named));
}

function known(user: User, field: Options['equals']): readonly string[] {
  if (field === 'username') return [user.name];
  if (field === 'email') return user.emailVerified ? [user.email] : [];
  let value: unknown = user.attributes;
  for (const key of field.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
    value = Reflect.get(value, key);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string').filter((one) => one !== '');
}
