import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  faultsOf,
  linkedOf,
  loadText,
  SHIPPED_FLOWS,
} from '../../../test/support/configuration.ts';
import { formatFaults } from '../faults/fault.ts';
import type { Loaded } from '../load.ts';

const LOGOUT = readFileSync(join(SHIPPED_FLOWS, 'logout.yaml'), 'utf8');
const MAIN = 'public_url: https://auth.example.com\nflows: ./flows\n';

function flow(validation: string): string {
  return `
title: Join
designation: configuration
requires: session
stages:
  - type: prompt
    fields:
      - { type: email, name: email }
      - { type: password, name: secret }
      - { type: password, name: password }
    validation:
      - ${validation}
`;
}

const loadFlow = (text: string, main = MAIN) =>
  loadText(main, { files: { 'flows/form.yaml': text, 'flows/logout.yaml': LOGOUT } });
const load = (validation: string, main = MAIN) => loadFlow(flow(validation), main);
const told = (loaded: Loaded): string => formatFaults(faultsOf(loaded));

async function boundTo(validation: string, main = MAIN) {
  const { snapshot } = linkedOf(await load(validation, main));
  const [binding] = snapshot.flows.get('form')?.stages[0]?.validators.bindings ?? [];
  return { field: binding?.field, needs: binding?.needs, line: binding?.line };
}

describe('policies that evaluate submissions', () => {
  it('concern the field that they name, and need its signals', async () => {
    expect(await boundTo('{ type: password_strength, score: 3, field: secret }')).toEqual({
      field: 'secret',
      needs: ['strength:secret', 'common:secret'],
      line: expect.stringMatching(/form\.yaml:12:9$/),
    });
  });

  it('concern the password if they name none', async () => {
    const bound = await boundTo('{ type: password_reuse, last: 3 }');
    expect(bound).toMatchObject({ field: 'password', needs: ['reused:3:password'] });
  });

  it('may be named policies, about any field', async () => {
    const main = `${MAIN}policies: { good: { type: password_strength, score: 2 } }\n`;
    expect(await boundTo('{ name: good }', main)).toMatchObject({
      needs: ['strength:password', 'common:password'],
    });
    expect(await boundTo('{ name: good, field: secret }', main)).toMatchObject({
      field: 'secret',
      needs: ['strength:secret', 'common:secret'],
    });
  });

  it('may have a message of the operator’s own', async () => {
    const { snapshot } = linkedOf(
      await load("{ type: expression, when: 'true', message: { en: No, de: Nein } }"),
    );
    const [binding] = snapshot.flows.get('form')?.stages[0]?.validators.bindings ?? [];
    expect(binding?.message).toEqual({ en: 'No', de: 'Nein' });
  });

  it('may be in groups', async () => {
    const group = "any: [{ type: password_strength, min: 20 }, { type: expression, when: 'true' }]";
    expect(await boundTo(`{ ${group}, field: secret }`)).toMatchObject({ field: 'secret' });
  });

  it('may be any others, about none', async () => {
    const when = `"prompt.email.endsWith('@example.com')"`;
    expect(await boundTo(`{ type: expression, when: ${when} }`)).toMatchObject({ field: null });
  });

  it.each([
    [
      '{ type: password_strength, field: pasword }',
      'stages[0].validation[0].field',
      'no such field, expected one of email, secret, password',
    ],
    [
      '{ type: password_strength, breached: true }',
      'stages[0].validation[0].type',
      'password_strength needs signals.breached: expected { range: https://api.pwnedpasswords.com/range/ }',
    ],
    [
      '{ type: dummy, pass: true, otherwise: login }',
      'stages[0].validation[0].otherwise',
      'otherwise works only on routes',
    ],
    ['{ type: strength }', 'stages[0].validation[0].type', 'no such policy'],
    ['{ type: password_strength, score: 9 }', 'stages[0].validation[0].score', 'at most 4'],
  ])('are refused with their line: %s', async (validation, path, text) => {
    const faults = told(await load(validation));
    expect(faults).toContain(path);
    expect(faults).toContain(text);
  });

  it('require a field if there is no password', async () => {
    const text = flow('{ type: password_strength }').replace('name: password }', 'name: pin }');
    const faults = told(await loadFlow(text));
    expect(faults).toContain('validation[0].field: missing, expected one of email, secret, pin');
  });

  it('are refused on routes and on stages, which have no submission', async () => {
    const route = `routes: [{ id: a, host: a.example.com, policies: [{ type: password_strength }] }]\n`;
    expect(told(await loadText(`public_url: https://auth.example.com\n${route}`))).toContain(
      'routes[0].policies[0]: evaluates a submission, and there is none here',
    );
  });

  it('get their signals from a service or from a file beside the configuration', async () => {
    const strong = '{ type: password_strength, breached: true }';
    const service = 'signals: { breached: { range: "https://breaches.example/range/" } }\n';
    expect(await boundTo(strong, MAIN + service)).toMatchObject({
      needs: ['common:password', 'breached:password'],
    });
    const file = 'signals: { breached: { path: hashes.txt } }\n';
    const { settings } = linkedOf(await load(strong, MAIN + file));
    const options = settings.signals.find(({ kind }) => kind.name === 'breached')?.options;
    expect(options).toEqual({ path: expect.stringMatching(/^\/.*\/hashes\.txt$/) });
  });
});
