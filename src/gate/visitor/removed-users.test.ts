import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  fakeDirectory,
  fakeEvents,
  fakeSessions,
  testSession,
  testUser,
} from '../../../test/support/fakes.ts';
import { endSessionsOfRemovedUsers } from './removed-users.ts';

async function watched() {
  const directory = fakeDirectory(testUser());
  const sessions = fakeSessions();
  const events = fakeEvents();
  await sessions.start({ id: 'one', secret: 'x' }, testSession());
  const stop = endSessionsOfRemovedUsers({ directory, sessions, events });
  const left = async (): Promise<number> => {
    await turn();
    return (await sessions.list(testUser().id)).length;
  };
  return { directory, sessions, events, stop, left };
}

describe('a removed user', () => {
  it('is signed out at once, and finds no session after being restored', async () => {
    const { directory, left } = await watched();
    directory.remove(testUser().id);
    expect(await left()).toBe(0);
    directory.put(testUser());
    expect(await left()).toBe(0);
  });

  it('may also be a disabled one', async () => {
    const { directory, left } = await watched();
    directory.put(testUser({ disabled: true }));
    expect(await left()).toBe(0);
  });

  it('is not one whose groups changed, nor any while the directory cannot tell who changed', async () => {
    const { directory, left } = await watched();
    directory.put(testUser({ groups: ['others'] }));
    directory.announce('fake/unknown');
    directory.announce(null);
    expect(await left()).toBe(1);
  });

  it('stays signed in while the directory fails, and the operator gets a fault', async () => {
    const { directory, events, left } = await watched();
    directory.fault = new Error('locked');
    directory.announce(testUser().id);
    expect(await left()).toBe(1);
    expect(events.all).toMatchObject([{ type: 'fault', code: 'session/write' }]);
  });

  it('is no longer looked for after watching has stopped', async () => {
    const { directory, stop, left } = await watched();
    stop();
    directory.remove(testUser().id);
    expect(await left()).toBe(1);
  });
});
