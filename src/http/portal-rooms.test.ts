import { describe, expect, it } from 'vitest';
import { testFacts } from '../../test/support/snapshot.ts';
import { joinRooms } from './portal-rooms.ts';

const handler = joinRooms([
  { path: '/flow/', app: () => new Response('flow') },
  { path: '/', app: () => new Response('portal') },
]);

describe('the rooms of the portal', () => {
  it.each([
    ['/flow/login', 'flow'],
    ['/flow', 'portal'],
    ['/flows/', 'portal'],
    ['/FLOW/login', 'portal'],
    ['/', 'portal'],
    ['/assets/flow/', 'portal'],
  ])('%s is served by %s', async (target, room) => {
    const env = { facts: testFacts({ target }), requestId: 'r' };
    const response = await handler(new Request('https://auth.example.com/'), env);
    expect(await response.text()).toBe(room);
  });
});
