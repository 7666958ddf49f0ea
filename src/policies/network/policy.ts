/**
 * Passes by the client's address. An unreadable address is neither inside nor outside any network.
 */
import { z } from 'zod';
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  PRIVATE_NETWORKS,
  parseAddress,
  networkOf,
  parseNetwork,
} from '../../core/request/address.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';

const NAMED = new Map([
  ['private', PRIVATE_NETWORKS],
  ['loopback', LOOPBACK_NETWORKS],
]);

const block = z
  .string()
  .max(64)
  .refine((text) => NAMED.has(text) || parseNetwork(text) !== null, {
    message:
      'expected private, loopback, an address or a block such as 10.0.0.0/8 (no bits behind the prefix)',
  });

const config = z.strictObject({
  any: z
    .array(block)
    .min(1)
    .max(1000)
    .describe(
      'Blocks (10.0.0.0/8, 2001:db8::/32), addresses, private (RFC 1918, fc00::/7) or loopback.',
    ),
});

const texts: Texts = {
  en: {
    'reason.network': 'Access is limited to certain networks, and yours is not one of them.',
    'detail.network/outside': 'needs {needed}; came from {address}',
  },
  de: {
    'reason.network':
      'Der Zugriff ist auf bestimmte Netzwerke beschränkt, und Ihres gehört nicht dazu.',
    'detail.network/outside': 'erforderlich: {needed}; Anfrage kam von {address}',
  },
};

export const network = definePolicy({
  type: 'network',
  withoutUser: true,
  config,
  texts,
  compile({ any }) {
    const blocks: { network: Network; verdict: Verdict }[] = [];
    for (const text of any) {
      const verdict = { pass: true, reason: { code: 'network/inside', detail: `in ${text}` } };
      const compiled = NAMED.get(text) ?? [networkOf(text)];
      for (const one of compiled) blocks.push({ network: one, verdict });
    }
    const needed = any.slice(0, 10).join(', ') + (any.length > 10 ? ' …' : '');
    return ({ facts }) => {
      const address = parseAddress(facts.clientIp);
      if (address === null) {
        throw new Problem('policy/no-address', 'the address of the client cannot be read');
      }
      for (const entry of blocks) if (isIn(entry.network, address)) return entry.verdict;
      return failed(texts, 'network/outside', { needed, address: facts.clientIp });
    };
  },
});
