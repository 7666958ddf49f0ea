import { describe, expect, it } from 'vitest';
import { anInput, someFacts } from '../../../test/support/policy-input.ts';
import { network } from './policy.ts';

const evaluate = (any: string[], clientIp: string) =>
  network.compile(network.config.parse({ any }))(anInput({ facts: someFacts({ clientIp }) }));

describe('network', () => {
  it.each([
    [['10.0.0.0/8'], '10.255.255.255', true],
    [['10.0.0.0/8'], '11.0.0.0', false],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.0/31'], '192.0.2.1', true],
    [['192.0.2.0/31'], '192.0.2.2', false],
    [['0.0.0.0/0'], '203.0.113.9', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '2001:db8::1', true],
    [['::/0'], '203.0.113.9', false],
    [['2001:db8::/33'], '2001:db8:7fff::1', true],
    [['2001:db8::/33'], '2001:db8:8000::1', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8'], '::ffff:a01:203', true],
    [['::ffff:10.0.0.0/104'], '10.1.2.3', true],
    [['::ffff:10.0.0.0/104'], '11.1.2.3', false],
    [['private'], '172.31.0.1', true],
    [['private'], '172.32.0.1', false],
    [['private'], 'fd00::1', true],
    [['private'], '127.0.0.1', false],
    [['loopback'], '127.9.9.9', true],
    [['loopback'], '::1', true],
    [['loopback'], '::2', false],
    [['private', 'loopback', '192.0.2.0/24'], '192.0.2.99', true],
  ])('of %j contains %s: %s', (any, clientIp, pass) => {
    const verdict = evaluate(any, clientIp);
    expect(verdict.pass).toBe(pass);
    expect(verdict.reason.code).toBe(pass ? 'network/inside' : 'network/outside');
  });

  it('names the matching block', () => {
    expect(evaluate(['192.0.2.0/24', 'private'], '10.0.0.1').reason.detail).toBe('in private');
    expect(evaluate(['private'], '192.0.2.7').reason.detail).toBe(
      'needs private; came from 192.0.2.7',
    );
  });

  it.each([
    '',
    'unknown',
    '10.0.0.1, 10.0.0.2',
    '10.0.0.1:80',
    '[::1]',
    '010.0.0.1',
    '10.1',
    '::1%lo',
  ])(
    'does not evaluate the address %j, so that negation cannot give access (CVE-2024-47070)',
    (clientIp) => {
      expect(() => evaluate(['private'], clientIp)).toThrow('cannot be read');
    },
  );

  it.each([
    '10.1.2.3/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '::1/129',
    'office',
    '10.0.0.0/',
    '::ffff:10.0.0.0/8',
  ])('refuses the block %j', (text) => {
    expect(network.config.safeParse({ any: [text] }).success).toBe(false);
  });
});
