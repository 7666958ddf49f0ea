/** Whether a typed username can be used, as the form tells the user before anything is written. */
import type { Message } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import type { StagePorts } from '../../core/flow/stage.ts';
import { foldName, type User } from '../../core/people/user.ts';

type Ports = Pick<StagePorts, 'directories' | 'users'>;

const TAKEN: Message = { key: 'prompt.username.taken' };
const ADDRESS: Message = { key: 'prompt.username.address' };
const ERRORS: ReadonlyMap<string, Message> = new Map([
  ['user/exists', TAKEN],
  ['user/name', { key: 'prompt.username.unfit' }],
  ['user/name-alike', { key: 'prompt.username.alike' }],
]);

/**
 * What is wrong with a username, or null. `owner`: the user who would be renamed, or null for a new
 * one. `address`: what was typed in the same form. A name with an @ must be an address of the user. It is
 * not looked up, because the result would reveal which addresses belong to users.
 */
export async function nameError(
  { directories, users }: Ports,
  name: string,
  { owner, address }: { readonly owner: User | null; readonly address: string },
): Promise<Message | null> {
  const folded = foldName(name);
  const own = owner?.emailVerified === true ? foldName(owner.email) : '';
  if (folded.includes('@') && folded !== own) {
    return folded === foldName(address) ? null : ADDRESS;
  }
  const id = owner?.id ?? null;
  const isElsewhere = id !== null && !id.startsWith(`${users.directory}/`);
  if (users.directory === null || isElsewhere) {
    const found = await directories.find(name, ['username', 'email']);
    return found === null || found.id === id ? null : TAKEN;
  }
  try {
    await users.check({ name }, id);
    return null;
  } catch (caught) {
    const error = caught instanceof Problem ? ERRORS.get(caught.code) : undefined;
    if (error === undefined) throw caught;
    return error;
  }
}
