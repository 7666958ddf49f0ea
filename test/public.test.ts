/** What visitors of the repository rely on: license, policies, changelog, forms and the workflow. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from '../package.json' with { type: 'json' };
import renovate from '../renovate.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the license', () => {
  it('is the one that package.json names, in full', () => {
    expect(packageJson.license).toBe('Apache-2.0');
    const text = read('LICENSE');
    expect(text).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004/);
    expect(text).toContain('END OF TERMS AND CONDITIONS');
    expect(text).toContain('APPENDIX: How to apply the Apache License to your work.');
  });
});

describe('the package', () => {
  it('contains only files that exist, and no tests', () => {
    const included = packageJson.files.filter((path) => !path.startsWith('!'));
    expect(included.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(packageJson.files).toEqual(
      expect.arrayContaining(['!src/**/*.test.ts', '!src/**/examples.ts']),
    );
  });

  it('starts on the oldest Node that it declares, and on no older one', () => {
    const oldest = /^const OLDEST = (\d+);$/m.exec(read('bin/doorward.js'))?.[1];
    expect(packageJson.engines.node).toBe(`>=${oldest}`);
  });
});

describe('the changelog', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\](?: - (.+))?$/gm)].map(
    ([, version, date]) => ({ version, date }),
  );

  it('begins with what is not released yet, and dates every release', () => {
    expect(headings[0]).toEqual({ version: 'Unreleased', date: undefined });
    for (const { version, date } of headings.slice(1)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('has an entry for the version of package.json', () => {
    expect(headings.map(({ version }) => version)).toContain(packageJson.version);
  });
});

describe('the security policy', () => {
  const policy = read('SECURITY.md');

  it.each([
    'Report a vulnerability',
    'What to expect',
    'Supported versions',
    'In scope',
    'Out of scope',
  ])('has a section "%s"', (heading) => {
    expect(policy).toContain(`\n## ${heading}\n`);
  });

  it('leads reports to the private form', () => {
    expect(policy).toContain('**Report a vulnerability**');
  });
});

// GitHub ignores a form with an unknown key, a missing label or a repeated id, and says so nowhere
// but on the page of the file.
const label = { label: z.string().min(1), description: z.string().min(1).optional() };
const validations = z.strictObject({ required: z.boolean() }).optional();
const id = z.string().regex(/^[A-Za-z0-9_-]+$/);
const written = { ...label, placeholder: z.string().optional(), value: z.string().optional() };
const element = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('markdown'),
    attributes: z.strictObject({ value: z.string().min(1) }),
  }),
  z.strictObject({
    type: z.literal('input'),
    id,
    attributes: z.strictObject(written),
    validations,
  }),
  z.strictObject({
    type: z.literal('textarea'),
    id,
    attributes: z.strictObject({ ...written, render: z.string().optional() }),
    validations,
  }),
  z.strictObject({
    type: z.literal('dropdown'),
    id,
    attributes: z.strictObject({ ...label, options: z.array(z.string()).min(2) }),
    validations,
  }),
]);
const form = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  labels: z.array(z.string()),
  body: z.array(element).refine((all) => all.some(({ type }) => type !== 'markdown')),
});
const chooser = z.strictObject({
  blank_issues_enabled: z.literal(false),
  contact_links: z.array(
    z.strictObject({ name: z.string(), url: z.url({ protocol: /^https$/ }), about: z.string() }),
  ),
});

describe('issue forms', () => {
  const FOLDER = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(join(ROOT, FOLDER)).filter((name) => name !== 'config.yml');

  it('exist for bugs and features', () => {
    expect(forms.sort()).toEqual(['bug.yml', 'feature.yml']);
  });

  it.each(forms)('%s has the shape that GitHub accepts', (name) => {
    const { body } = form.parse(parse(read(`${FOLDER}/${name}`)));
    const ids = body.flatMap((part) => ('id' in part ? [part.id] : []));
    const labels = body.flatMap((part) => ('id' in part ? [part.attributes.label] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('warn before a vulnerability becomes public', () => {
    expect(read(`${FOLDER}/bug.yml`)).toContain('SECURITY.md');
    const { contact_links: links } = chooser.parse(parse(read(`${FOLDER}/config.yml`)));
    expect(links.map(({ about }) => about).join()).toContain('SECURITY.md');
    expect(read('.github/pull_request_template.md')).toContain('SECURITY.md');
  });
});

const workflow = z.object({
  permissions: z.strictObject({ contents: z.literal('read') }),
  jobs: z.record(
    z.string(),
    z.object({
      'timeout-minutes': z.number(),
      strategy: z.object({ matrix: z.object({ node: z.array(z.number()) }) }),
      steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});

describe('the workflow', () => {
  const { jobs } = workflow.parse(parse(read('.github/workflows/ci.yml')));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('runs what .ci/run runs, and nothing else', () => {
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
    expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).not.toBe(0);
  });

  it('runs it on the oldest Node of the README and on the one of the container image', () => {
    const image = /^FROM node:(\d+)-slim$/m.exec(read('Dockerfile'))?.[1];
    const oldest = /Node from (\d+) on/.exec(read('README.md').replaceAll('\n', ' '))?.[1];
    expect(Object.values(jobs)[0]?.strategy.matrix.node).toEqual([Number(oldest), Number(image)]);
  });

  it('pins every action to a commit', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });
});

describe('automatic updates', () => {
  const rules = renovate.packageRules.filter((rule) => rule.dependencyDashboardApproval === true);
  const { devDependencies, optionalDependencies } = packageJson;

  it('leave packages with an exact version to a maintainer', () => {
    const exact = Object.entries(devDependencies)
      .filter(([, range]) => /^\d/.test(range))
      .map(([name]) => name);
    expect(rules.flatMap((rule) => rule.matchPackageNames ?? []).sort()).toEqual(exact.sort());
    expect(Object.values(optionalDependencies).every((range) => /^\d/.test(range))).toBe(true);
    expect(rules.flatMap((rule) => rule.matchDepTypes ?? [])).toEqual(['optionalDependencies']);
  });
});

describe('decisions', () => {
  const FOLDER = 'docs/decisions';
  const pages = readdirSync(join(ROOT, FOLDER)).filter((name) => name !== 'README.md');

  it('are numbered without a gap', () => {
    const numbers = pages.sort().map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual(pages.map((_, index) => index + 1));
  });

  it.each(pages)('%s is indexed, and says why and at what price', (name) => {
    const text = read(`${FOLDER}/${name}`);
    const title = /^# (\d+\. .+)$/m.exec(text)?.[1] ?? '';
    const [number, words] = title.split(/\. (.*)/);
    expect(read(`${FOLDER}/README.md`)).toContain(`| [${number}](${name}) | ${words} |`);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(['Problem', 'Decision', 'Alternatives', 'Consequences']);
    expect(text).toMatch(/^Status: (?:accepted|replaced by )/m);
  });
});

describe('what visitors read first', () => {
  const files = [
    ...readdirSync(ROOT, { withFileTypes: true })
      // In a worktree, .git is a file that names the place of the repository.
      .filter((entry) => entry.isFile() && entry.name !== '.git')
      .map((entry) => entry.name),
    ...['.github', '.ci', 'bin', 'config', 'docs', 'examples', 'flows'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
    ),
  ];

  it('names no path of the machine that it was written on', () => {
    expect(files.length).toBeGreaterThan(40);
    const named = files.filter((path) => /(?<![\w.])\/(?:work|root|home|Users)\//.test(read(path)));
    expect(named).toEqual([]);
  });
});
