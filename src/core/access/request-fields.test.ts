import { describe, expect, it } from 'vitest';
import { foldHeader } from './identity.ts';
import {
  HOP_BY_HOP,
  isOfProxies,
  isPlainName,
  OF_THE_MESSAGE,
  OVERRIDES,
  removedBeginnings,
  removedFields,
  SET_FIELDS,
} from './request-fields.ts';

describe('the list of request fields', () => {
  it('names each field for one purpose only', () => {
    const all = [...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES].map(foldHeader);
    expect(new Set(all).size).toBe(all.length);
  });

  it('removes nothing that a proxy sets', () => {
    const removed = removedFields(['Remote-User', 'X-WebAuth-User']).map(foldHeader);
    for (const name of [...SET_FIELDS, 'Remote-User', 'X-WebAuth-User']) {
      expect(removed).not.toContain(foldHeader(name));
    }
  });

  it('GEN-headers: removes every field that the field report names', () => {
    const sent =
      'X-Original-URL X-Rewrite-URL X-HTTP-Method-Override X-WebAuth-User X-Forwarded-User X-Remote-User X-SSL-Client-Verify CF-Connecting-IP Proxy X-Forwarded-Prefix';
    expect(removedFields([])).toEqual(expect.arrayContaining(sent.split(' ')));
    expect(SET_FIELDS).toEqual(expect.arrayContaining(['X-Real-IP', 'Forwarded']));
  });

  it('GEN-headers: has a prefix for each removed name that is not listed itself', () => {
    const left = removedFields([]).filter(
      (name) => !removedBeginnings().some((begins) => name.startsWith(begins)),
    );
    const alone = left.filter((name) => !name.startsWith('X-Forwarded'));
    expect(OVERRIDES).toEqual(expect.arrayContaining(alone));
  });

  it('writes only names that every proxy can remove', () => {
    for (const name of removedFields([])) expect(isPlainName(name)).toBe(true);
  });

  it.each(['X-Forwarded-Anything', 'X-SSL-Client-Other', 'Remote-User', 'CF-Connecting-IP'])(
    'knows %s as a field of proxies',
    (name) => expect(isOfProxies(foldHeader(name))).toBe(true),
  );

  it.each(['Accept', 'X-Remote-Control', 'Client', 'X-Requested-With', 'Authorization'])(
    'knows %s as a field of clients',
    (name) => expect(isOfProxies(foldHeader(name))).toBe(false),
  );
});
