/**
 * Addresses as RabbitMQ and GitLab have them, asked for by curl: an encoded slash is part of a name.
 * The app compares them by the letter, as those do.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../support/upstreams.ts';
import { type Door, onEachWay, openDoor } from './door.ts';

/** By method and target. */
const ANSWERS: Readonly<Record<string, string>> = {
  // RabbitMQ: the name of the default virtual host is a slash.
  'GET /api/queues/%2F/q1': 'a queue',
  'PUT /api/exchanges/%2f/amq.topic%2Forders': 'an exchange',
  'GET /api/bindings/%2F/e/amq.topic/q/q1/key%20%23.%2A': 'a binding',
  'DELETE /api/vhosts/%2F': 'a virtual host',
  // GitLab: paths of projects, files and branches are names.
  'GET /api/v4/projects/group%2Fsub%2Fproject': 'a project',
  'GET /api/v4/projects/group%2Fproject/repository/files/src%2Fmain%2Erb/raw?ref=feature%2Fx':
    'a file',
  'POST /api/v4/projects/group%2Fproject/repository/branches?branch=a%2Fb&ref=main': 'a branch',
  'GET /group/project/-/blob/main/a%20b%2525.md': 'a page',
  'GET /group/project/-/compare/v1.0...main': 'a comparison',
};

onEachWay('curl', [], (mode) => {
  let app: App;
  let door: Door;
  beforeAll(async () => {
    app = await startApp((_, response, { method, url }) => {
      const answer = ANSWERS[`${method} ${url}`];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
    door = await openDoor(mode, [
      `{ id: api, host: api.gw.test, upstream: "${app.url}", paths: [{ path: /api/users/**, policies: [{ type: group, any: [admins] }] }, { path: "/api/v4/projects/group%2Fsecret/**", policies: [{ type: group, any: [admins] }] }] }`,
    ]);
  });
  afterAll(async () => {
    await door?.close();
    await app?.close();
  });

  /** The body and the status. */
  const curl = async (user: string | null, method: string, target: string): Promise<string> => {
    const header = user === null ? [] : ['-H', await door.cookieLine(user)];
    const usual = ['-s', '--path-as-is', '-w', ' %{http_code}', '-X', method, ...header];
    return door.succeed('curl', [...usual, `${door.url('api')}${target}`]);
  };

  it.each(Object.entries(ANSWERS))(
    'PATH-vhost: receives the answer to %s: %s',
    async (request, answer) => {
      const [method = '', target = ''] = request.split(' ');
      expect(await curl('alice', method, target)).toBe(`${answer} 200`);
      expect(await curl(null, method, target)).toMatch(/ 401$/);
    },
  );

  it.each([
    '/api/users/guest',
    '/api/queues/..%2Fusers/guest',
    '/api/queues/%2E%2E/users/guest',
    '/api/v4/projects/group%2Fsecret',
    '/api/v4/projects/group%2fsecret/repository/files/a%2Fb',
    '/api/v4/projects/group%252Fsecret/x',
  ])('is refused at a restricted address: %s', async (target) => {
    expect(await curl('alice', 'GET', target)).toMatch(/ 403$/);
    expect(await curl('bob', 'GET', target)).toMatch(/ 404$/);
  });
});
