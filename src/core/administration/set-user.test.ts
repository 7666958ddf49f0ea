import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { changesFor, type UserOrder } from './set-user.ts';

const NOTHING: UserOrder = {
  addGroups: [],
  removeGroups: [],
  attributes: {},
  removeAttributes: [],
};
const ann = testUser({ groups: ['staff', 'night'], attributes: { desk: '1', floor: { no: 2 } } });

describe('changes of a user', () => {
  it.each<[string, Partial<UserOrder>, object]>([
    ['nothing', {}, {}],
    ['a name alone', { name: 'anna' }, { name: 'anna' }],
    ['a shown name', { displayName: '' }, { displayName: '' }],
    [
      'an address, which is verified',
      { email: 'a@x.test' },
      { email: 'a@x.test', emailVerified: true },
    ],
    [
      'an address that only the user claims',
      { email: 'a@x.test', emailVerified: false },
      { email: 'a@x.test', emailVerified: false },
    ],
    ['no address', { email: '', emailVerified: true }, { email: '', emailVerified: false }],
    ['the state of the address', { emailVerified: true }, { emailVerified: true }],
    [
      'groups, each once',
      { addGroups: ['admins', 'staff'], removeGroups: ['night'] },
      { groups: ['staff', 'admins'] },
    ],
    [
      'attributes, and no other one',
      { attributes: { desk: '2' }, removeAttributes: ['floor'] },
      { attributes: { desk: '2' } },
    ],
    [
      'a further attribute',
      { attributes: { room: '3' } },
      { attributes: { ...ann.attributes, room: '3' } },
    ],
  ])('are %s', (_, order, changes) => {
    expect(changesFor(ann, { ...NOTHING, ...order })).toEqual(changes);
  });

  it.each<[Partial<UserOrder>, string]>([
    [{ removeGroups: ['admins'] }, 'is not in the group admins'],
    [{ removeAttributes: ['toString'] }, 'has no attribute toString'],
  ])('are none if %j is not there', (order, words) => {
    expect(changesFor(ann, { ...NOTHING, ...order })).toBe(words);
  });
});
