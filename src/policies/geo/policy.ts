/**
 * Passes by the client's location, from the `geo` signal. Unknown properties of an address neither
 * match nor differ from any value.
 */
import { z } from 'zod';
import type { Place } from '../../core/people/place.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';
import { isCountry } from './country.ts';
import { texts } from './texts.ts';
import { fieldsOf } from '../../core/values/record.ts';

const CONTINENTS = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const;
const country = z
  .string()
  .refine(
    isCountry,
    'expected the code of a country in two capitals (ISO 3166-1), such as DE or GB',
  );

const places = z
  .strictObject({
    countries: z
      .array(country)
      .min(1)
      .max(300)
      .optional()
      .describe('Countries by their two-letter codes (ISO 3166-1): DE, GB.'),
    continents: z
      .array(z.enum(CONTINENTS))
      .min(1)
      .max(CONTINENTS.length)
      .optional()
      .describe('Continents.'),
    asns: z
      .array(z.int().min(1).max(4_294_967_295))
      .min(1)
      .max(10_000)
      .optional()
      .describe('Provider networks, by autonomous system number.'),
  })
  .refine((c) => Object.keys(c).length > 0, {
    message: 'expected countries, continents or asns with a list',
  });

const config = z
  .strictObject({
    any: places.optional().describe('Must be in one of these.'),
    none: places.optional().describe('Must be in none of these.'),
  })
  .refine((c) => c.any !== undefined || c.none !== undefined, {
    message: 'expected any or none with countries, continents or asns',
  });

type Places = z.infer<typeof places>;
type Part = keyof Pick<Place, 'country' | 'continent' | 'asn'>;

/** The listed values, grouped by property. */
type Listed = readonly (readonly [Part, ReadonlySet<string | number>])[];

export const geo = definePolicy({
  type: 'geo',
  withoutUser: true,
  config,
  texts,
  needs: () => ['geo'],
  compile({ any, none }) {
    const wanted = listed(any ?? {});
    const excluded = listed(none ?? {});
    const needed = inWords(any ?? {});
    return ({ signals }) => {
      const place = placeOf(signals.geo);
      const out = find(excluded, place);
      if (out.hit !== null)
        return failed(texts, 'geo/excluded', { place: partText(out.hit, place) });
      const inside = find(wanted, place);
      if (any !== undefined && inside.hit === null && inside.missing === null) {
        return failed(texts, 'geo/not-listed', { needed, place: listText(wanted, place) });
      }
      // An unknown property could be the excluded one.
      const missing = out.missing ?? (inside.hit === null ? inside.missing : null);
      if (missing !== null) {
        throw new Problem('policy/no-place', `the ${missing} of the address is not known`);
      }
      return inside.hit === null
        ? yes('geo/not-excluded', listText(excluded, place))
        : yes('geo/listed', partText(inside.hit, place));
    };
  },
});

/** Returns the first property that matches, if any, and the first property that is unknown. */
function find(
  list: Listed,
  place: Place,
): { readonly hit: Part | null; readonly missing: Part | null } {
  let missing: Part | null = null;
  for (const [part, values] of list) {
    const value = place[part];
    if (value === undefined) missing ??= part;
    else if (values.has(value)) return { hit: part, missing };
  }
  return { hit: null, missing };
}

function listed({ countries, continents, asns }: Places): Listed {
  const parts: [Part, readonly (string | number)[] | undefined][] = [
    ['country', countries],
    ['continent', continents],
    ['asn', asns],
  ];
  return parts.flatMap(([part, values]) => (values === undefined ? [] : [[part, new Set(values)]]));
}

/** Returns the signal's place, or an empty one if the signal is malformed. */
function placeOf(value: unknown): Pick<Place, Part> {
  const fields = fieldsOf(value);
  return {
    ...(typeof fields.country === 'string' ? { country: fields.country } : {}),
    ...(typeof fields.continent === 'string' ? { continent: fields.continent } : {}),
    ...(typeof fields.asn === 'number' ? { asn: fields.asn } : {}),
  };
}

function partText(part: Part, place: Place): string {
  const value = place[part];
  if (value === undefined) return `an unknown ${part}`;
  return part === 'asn' ? `AS${value}` : String(value);
}

function listText(list: Listed, place: Place): string {
  return list.map(([part]) => partText(part, place)).join(', ');
}

function inWords({ countries = [], continents = [], asns = [] }: Places): string {
  const all = [...countries, ...continents, ...asns.map((asn) => `AS${asn}`)];
  return all.slice(0, 10).join(', ') + (all.length > 10 ? ' …' : '');
}

function yes(code: string, detail: string): Verdict {
  return { pass: true, reason: { code, detail: `in ${detail}` } };
}
