/**
 * Passes by the request's method, path and headers. If some readings of a path match and others do
 * not, the evaluation fails.
 */
import { z } from 'zod';
import { canonicalPattern } from '../../core/request/path.ts';
import { foldReading } from '../../core/request/readings.ts';
import { readingsWithout } from '../../core/routes/passage.ts';
import { pathTree } from '../../core/routes/path-tree.ts';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type PolicyInput, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';

const pattern = z
  .string()
  .max(2048)
  .refine(isPattern, { message: 'expected a path such as /api/** or /user/*/edit' });

const config = z
  .strictObject({
    methods: z
      .array(z.string().regex(/^[A-Z][A-Z-]{0,23}$/, 'expected a method such as GET'))
      .min(1)
      .max(32)
      .optional()
      .describe('Request methods. GET includes HEAD.'),
    path: z
      .union([pattern, z.array(pattern).min(1).max(100)])
      .optional()
      .describe(
        'One or more patterns: literal segments, `*` for one segment, `/**` at the end for the path and everything below.',
      ),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'expected a header name'),
        z.array(z.string().max(1024)).min(1).max(100),
      )
      .optional()
      .describe(
        'Headers with their accepted values, compared exactly. A repeated header counts as missing.',
      ),
  })
  .refine((c) => c.methods !== undefined || c.path !== undefined || c.headers !== undefined, {
    message: 'expected methods, path or headers',
  });

const MATCH: Verdict = { pass: true, reason: { code: 'http/match' } };

const texts: Texts = {
  en: {
    'reason.http': 'This kind of request is not allowed here.',
    'detail.http/method': '{method} is not one of {allowed}',
    'detail.http/path': 'another path is needed',
    'detail.http/header': 'header {name}',
  },
  de: {
    'reason.http': 'Diese Art von Anfrage ist hier nicht erlaubt.',
    'detail.http/method': '{method} ist keine der erlaubten Methoden: {allowed}',
    'detail.http/path': 'ein anderer Pfad ist erforderlich',
    'detail.http/header': 'Header {name}',
  },
};

export const http = definePolicy({
  type: 'http',
  withoutUser: true,
  config,
  texts,
  compile({ methods, path, headers }) {
    const allowed = methods === undefined ? null : new Set(methods);
    const isInside = path === undefined ? null : insideOf(typeof path === 'string' ? [path] : path);
    const wanted = Object.entries(headers ?? {}).map(
      ([name, values]) => [name.toLowerCase(), new Set(values)] as const,
    );
    return ({ facts, route }) => {
      const { method } = facts;
      if (allowed !== null && !allowed.has(method === 'HEAD' ? 'GET' : method)) {
        if (method !== 'HEAD' || !allowed.has('HEAD')) {
          return failed(texts, 'http/method', { method, allowed: [...allowed].join(', ') });
        }
      }
      if (isInside !== null && !isInside(facts.path, route)) return failed(texts, 'http/path', {});
      for (const [name, values] of wanted) {
        const value = facts.header(name);
        // The reason omits the value, which may be a secret.
        if (value === null || !values.has(value)) return failed(texts, 'http/header', { name });
      }
      return MATCH;
    };
  },
});

/** Each pattern counts, and for every name that it matches. */
const EVERY = { accepts: () => true, isForSome: () => false };

type IsInside = (path: string, route: PolicyInput['route']) => boolean;

function insideOf(patterns: readonly string[]): IsInside {
  const canonical = patterns.map(upperEscapes);
  const exact = pathTree(canonical, (p) => p);
  const folded = pathTree(canonical, foldReading);
  return (path, route) => {
    const readings = readingsWithout(path, route?.prefixes ?? [], route?.frontControllers ?? []);
    if (readings === null) throw ambiguous();
    const answers = new Set<boolean>();
    for (const reading of readings) {
      for (const found of exact.findAny(reading, EVERY)) answers.add(found !== null);
      for (const found of folded.findAny(foldReading(reading), EVERY)) answers.add(found !== null);
    }
    if (answers.size !== 1) throw ambiguous();
    return answers.has(true);
  };
}

function ambiguous(): Problem {
  return new Problem('policy/ambiguous-path', 'the path has readings inside and outside');
}

/** Accepts canonical literals, `*` for a whole segment, and `**` at the end only. */
function isPattern(text: string): boolean {
  if (!text.startsWith('/')) return false;
  const segments = text.slice(1).split('/');
  const literal = segments.map((segment, index) => {
    const isWild = segment === '*' || (segment === '**' && index === segments.length - 1);
    return isWild ? 'x' : segment;
  });
  if (literal.some((segment) => segment.includes('*'))) return false;
  const path = `/${literal.join('/')}`;
  return canonicalPattern(path) === upperEscapes(path);
}

/** Hexadecimal digits may be written in either case. */
function upperEscapes(text: string): string {
  return text.replace(/%../g, (escape) => escape.toUpperCase());
}
