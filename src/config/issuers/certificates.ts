/** Links `certificates`: which client certificates count, and whose they are. */
import { authorityBlocks, authorityFault } from '../../certificates/authorities.ts';
import { foldHeader } from '../../core/access/identity.ts';
import {
  type CertificateAttribute,
  type CertificateRule,
  comparable,
} from '../../core/credential/certificate.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { Config } from '../schema/schema.ts';
import { linkLimits } from './limits.ts';

type CertificateConfig = Config['certificates'][number];

/** The rules; those with a fault are left out. */
export function linkCertificates(
  { certificates, routes }: Pick<Config, 'certificates' | 'routes'>,
  root: Spot,
): readonly CertificateRule[] {
  const names = new Set<string>();
  const ids = routes.map(({ id }) => id);
  const [first] = certificates;
  if (first === undefined) checkUses(routes, root);
  return certificates.flatMap((config, index) => {
    const spot = below(root, 'certificates', index);
    if (names.has(config.name)) blame(below(spot, 'name'), `duplicate: ${config.name}`);
    names.add(config.name);
    if (first !== undefined && foldHeader(config.header) !== foldHeader(first.header)) {
      // A proxy that sets one of them would let clients write the other.
      blame(below(spot, 'header'), `expected ${first.header}, as in the first entry`);
    }
    checkConditions(config, spot);
    const limits = linkLimits(config, ids, spot);
    const authorities = linkAuthorities(config, spot);
    return authorities === null ? [] : [ruleOf(config, { authorities, limits })];
  });
}

function ruleOf(
  { name, header, attributes, user }: CertificateConfig,
  {
    authorities,
    limits,
  }: Pick<CertificateRule, 'authorities'> & {
    readonly limits: ReturnType<typeof linkLimits>;
  },
): CertificateRule {
  return {
    name,
    header: header.toLowerCase(),
    authorities,
    attributes: conditionsOf(attributes),
    user:
      typeof user === 'string'
        ? { name: user }
        : {
            attribute: user.attribute,
            prefix: user.prefix,
            equals: user.equals,
            memberOf: user.member_of,
          },
    ...limits,
  };
}

function conditionsOf(attributes: CertificateConfig['attributes']): CertificateRule['attributes'] {
  const entries = Object.entries(attributes) as [CertificateAttribute, readonly string[]][];
  return entries.map(([attribute, values]) => [
    attribute,
    values.map((value) => comparable(attribute, value)),
  ]);
}

/** Without an entry, no certificate counts. */
function checkUses(routes: Config['routes'], root: Spot): void {
  for (const [index, { accepts = [], paths }] of routes.entries()) {
    const spot = below(root, 'routes', index);
    for (const [at, one] of [{ accepts }, ...paths].entries()) {
      const place = (one.accepts ?? []).indexOf('certificate');
      if (place < 0) continue;
      const where = at === 0 ? spot : below(spot, 'paths', at - 1);
      blame(below(where, 'accepts', place), 'no certificate counts; list them in `certificates`');
    }
  }
}

/** The certificates as PEM each; null after a fault. */
function linkAuthorities({ ca }: CertificateConfig, spot: Spot): readonly string[] | null {
  const fault = authorityFault(ca);
  if (fault === null) return authorityBlocks([ca]);
  blame(below(spot, 'ca'), fault);
  return null;
}

/** An authority issues certificates to many. */
function checkConditions({ user, attributes, ca }: CertificateConfig, spot: Spot): void {
  if (typeof user === 'string' && Object.keys(attributes).length === 0) {
    blame(
      below(spot, 'user'),
      `every certificate of this authority would be ${user}; expected \`attributes\` that say which ones, such as { subject.CN: … }`,
    );
  }
  const isBySerial =
    'serial' in attributes || (typeof user !== 'string' && user.attribute === 'serial');
  if (isBySerial && authorityBlocks([ca]).length > 1) {
    // Two of them could issue the same serial number.
    blame(below(spot, 'ca'), 'serial numbers are unique within one authority: expected just one');
  }
}
