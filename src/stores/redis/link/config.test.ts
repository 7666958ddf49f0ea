import { describe, expect, it } from 'vitest';
import { claimsRedis, describeServers, redisConfig } from './config.ts';

describe('state', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379 }, {}],
    ['redis://cache:7000/3', { host: 'cache', port: 7000 }, { db: 3 }],
    [
      'rediss://u%40x:p%3Aw%2F@cache',
      { host: 'cache', port: 6379 },
      { tls: {}, username: 'u@x', password: 'p:w/' },
    ],
    ['redis://:only-a-password@[::1]:7', { host: '::1', port: 7 }, { password: 'only-a-password' }],
    ['unix:///run/redis.sock', { path: '/run/redis.sock' }, {}],
    ['redis+unix:///run/redis.sock?db=2', { path: '/run/redis.sock' }, { db: 2 }],
  ])('%s is one server', (state, at, rest) => {
    expect(claimsRedis(state)).toBe(true);
    expect(redisConfig.parse(state)).toEqual({
      servers: { kind: 'single', at },
      username: undefined,
      password: undefined,
      db: 0,
      tls: null,
      prefix: 'doorward:',
      ...rest,
    });
  });

  it('may be an object with the password beside the URL', () => {
    const parsed = redisConfig.parse({
      url: 'redis://cache',
      password: 'a/b:c',
      prefix: 'two:',
      tls: { ca: '/etc/ca.pem' },
    });
    expect(parsed).toMatchObject({ password: 'a/b:c', prefix: 'two:', tls: { ca: '/etc/ca.pem' } });
  });

  it('may name Sentinels', () => {
    const state = {
      sentinel: { hosts: ['a', 'b:7', '[::1]', '[fd00::1]:9'], name: 'main', tls: true },
    };
    expect(claimsRedis(state)).toBe(true);
    const { servers } = redisConfig.parse(state);
    expect(servers).toMatchObject({
      kind: 'sentinel',
      name: 'main',
      tls: true,
      hosts: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7 },
        { host: '::1', port: 26_379 },
        { host: 'fd00::1', port: 9 },
      ],
    });
  });

  it('may name a cluster, where every key gets one hash tag', () => {
    const parsed = redisConfig.parse({ cluster: ['a:1', 'b:2'], prefix: 'x:' });
    expect(parsed.prefix).toBe('{x}:');
    expect(parsed.servers).toMatchObject({ kind: 'cluster' });
  });

  it.each([
    ['embedded'],
    ['http://cache'],
    [{}],
    [null],
    [7],
    [['redis://a']],
    [{ directory: 'x' }],
  ])('%j is not for Redis', (state) => {
    expect(claimsRedis(state)).toBe(false);
    expect(redisConfig.safeParse(state).success).toBe(false);
  });

  it.each([
    ['redis://:S3cret@ho st'],
    ['redis://:S3cret@cache/zero'],
    ['redis://:S3cret@cache/0?x=1'],
    ['redis://:S3cret@cache/0#f'],
    ['redis://:S3cret%zz@cache'],
    ['redis://:S3cret@'],
    ['unix://S3cret/run/x'],
    ['unix://'],
    [{ url: 'http://:S3cret@cache' }],
    [{ url: 'redis://:S3cret@cache', colour: 1 }],
    [{ url: 'redis://:S3cret@cache', cluster: ['a'] }],
    [{ cluster: [] }],
    [{ cluster: ['a'], db: 1 }],
    [{ cluster: ['redis://:S3cret@a'] }],
    [{ sentinel: { hosts: ['a'] } }],
    [{ sentinel: { hosts: ['a'], name: 'm' }, prefix: 'no colon' }],
  ])('%j is refused, without a word of the password', (state) => {
    const result = redisConfig.safeParse(state);
    expect(result.success).toBe(false);
    expect(JSON.stringify(result.error?.issues)).not.toContain('S3cret');
  });
});

it('messages name the servers, never the username there', () => {
  const single = redisConfig.parse('redis://u:S3cret@cache:7/0');
  expect(describeServers(single.servers)).toBe('Redis at cache:7');
  const sentinel = redisConfig.parse({
    sentinel: { hosts: ['a', 'b'], name: 'm', password: 'S3cret' },
  });
  expect(describeServers(sentinel.servers)).toBe(
    'the Redis master m of the Sentinels at a:26379, b:26379',
  );
  const cluster = redisConfig.parse({ cluster: ['a'], password: 'S3cret' });
  expect(describeServers(cluster.servers)).toBe('the Redis cluster at a:6379');
});
