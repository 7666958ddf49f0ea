/** Ids that a caller chooses for new users: a sign-up knows the id of its user before the user exists. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../../test/support/directory-tools.ts';
import type { WritableDirectory } from '../../core/people/directory.ts';
import { openEmbeddedDirectory } from './directory.ts';

const ID = `embedded/${'x'.repeat(22)}`;

describe('the id of a new user', () => {
  let tools: DirectoryTools;
  let users: WritableDirectory;
  beforeEach(async () => {
    tools = await directoryTools();
    users = openEmbeddedDirectory(tools, { believed: -1, poll: 3_600_000 });
  });
  afterEach(async () => {
    await users.close();
    await tools.remove();
  });

  it('may be chosen once', async () => {
    expect((await users.create({ name: 'ann', newId: ID }, null)).id).toBe(ID);
    expect((await users.read(ID))?.name).toBe('ann');
    await expect(users.create({ name: 'bob', newId: ID }, null)).rejects.toThrow('does not answer');
    expect((await users.read(ID))?.name).toBe('ann');
    expect(await users.find('bob', ['username'])).toBeNull();
  });

  it.each(['file/ann', 'embedded/', 'embedded/ann', `file/${'x'.repeat(22)}`, `${ID}/y`])(
    'cannot be %s',
    async (newId) => {
      await expect(users.create({ name: 'ann', newId }, null)).rejects.toMatchObject({
        code: 'user/id',
        status: 400,
      });
      expect(await users.find('ann', ['username'])).toBeNull();
    },
  );
});
