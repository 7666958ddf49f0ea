import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseForm } from './form-body.ts';

const URL_ENCODED = 'application/x-www-form-urlencoded';
const BOUNDARY = '----WebKitFormBoundaryAbCdEf0123456789';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

const part = (head: string, value: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
const parsed = (type: string | null, body: string) => parseForm(type, Buffer.from(body));
const multipart = (...parts: string[]) => parsed(MULTIPART, `${parts.join('')}--${BOUNDARY}--\r\n`);

describe('a url-encoded form', () => {
  it('has its fields in order, also repeated and empty ones', () => {
    expect(parsed(URL_ENCODED, 'a=1&b=%C3%BC+%26&a=&b=%0D%0A')).toEqual({
      enctype: URL_ENCODED,
      fields: [
        { name: 'a', value: '1' },
        { name: 'b', value: 'ü &' },
        { name: 'a', value: '' },
        { name: 'b', value: '\r\n' },
      ],
    });
    expect(parsed(URL_ENCODED, '')?.fields).toEqual([]);
  });

  it('survives the page as the very same bytes, whatever a user typed', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, '\r\n'));
    const name = line.filter((text) => text !== '' && text.toLowerCase() !== '_charset_');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, line)), (fields) => {
        const body = new URLSearchParams(fields).toString();
        const form = parsed(URL_ENCODED, body);
        expect(form?.fields.map((field) => [field.name, field.value])).toEqual(fields);
      }),
    );
  });

  it.each([
    ['an escape that browsers do not write', 'a=%41'],
    ['a small escape', 'a=%c3%bc'],
    ['bytes that are not UTF-8', 'a=%FF'],
    ['raw bytes', 'a=\u00fc'],
    ['a field without =', 'a'],
    ['a blank pair', 'a=1&&b=2'],
    ['a question mark before it', '?a=1'],
    ['a field without a name', '=1'],
    ['a lone line feed', 'a=%0A'],
    ['a lone carriage return', 'a=%0Db'],
    ['NUL', 'a=%00'],
    ['a name with a lone line feed', 'a%0Ab=1'],
    ['a field that browsers fill in', '_charset_=UTF-8'],
    ['JSON', '{"a":1}'],
    ['too many fields', 'a=1&'.repeat(1000) + 'a=1'],
    ['too many separators', '&'.repeat(65_535)],
  ])('is none with %s', (_, body) => {
    expect(parsed(URL_ENCODED, body)).toBeNull();
  });

  it.each([null, '', `${URL_ENCODED}; charset=latin1`, 'text/plain', 'application/json'])(
    'is none as %s',
    (type) => {
      expect(parsed(type, 'a=1')).toBeNull();
    },
  );
});

const pairs = (count: number) => Array.from({ length: count }, () => 'a=1').join('&');
const parts = (count: number) => Array.from({ length: count }, () => part('name="a"', '1'));

describe('a form of the most fields', () => {
  it('is one, and none with one more', () => {
    expect(parsed(URL_ENCODED, pairs(1000))?.fields).toHaveLength(1000);
    expect(parsed(URL_ENCODED, pairs(1001))).toBeNull();
    expect(multipart(...parts(1000))?.fields).toHaveLength(1000);
    expect(multipart(...parts(1001))).toBeNull();
  });
});

describe('a multipart form', () => {
  it('has its fields, and choices of files without a file', () => {
    const none = 'name="file"; filename=""\r\nContent-Type: application/octet-stream';
    expect(
      multipart(part('name="a"', 'ü\r\n--x'), part(none, ''), part('name="b%22"', '')),
    ).toEqual({
      enctype: 'multipart/form-data',
      fields: [
        { name: 'a', value: 'ü\r\n--x' },
        { name: 'file', value: null },
        { name: 'b%22', value: '' },
      ],
    });
    expect(multipart()?.fields).toEqual([]);
  });

  it.each([
    ['a file', 'name="f"; filename="a.txt"\r\nContent-Type: text/plain', 'x'],
    ['an empty file', 'name="f"; filename="a.txt"\r\nContent-Type: text/plain', ''],
    ['a nameless file', 'name="f"; filename=""\r\nContent-Type: application/octet-stream', 'x'],
    ['another field of the head', 'name="a"\r\nContent-Type: text/html', 'x'],
    ['a parameter', 'name="a"; x=y', 'x'],
    ['a name without quotes', 'name=a', 'x'],
    ['no name', 'name=""', 'x'],
    ['a lone line feed', 'name="a"', 'x\ny'],
  ])('is none with %s', (_, head, value) => {
    expect(multipart(part(head, value))).toBeNull();
  });

  it.each([
    ['no end', MULTIPART, part('name="a"', '1')],
    ['text before it', MULTIPART, `x${part('name="a"', '1')}--${BOUNDARY}--\r\n`],
    ['text after it', MULTIPART, `${part('name="a"', '1')}--${BOUNDARY}--\r\nx`],
    ['another boundary', 'multipart/form-data; boundary=x', `--${BOUNDARY}--\r\n`],
    ['a quoted boundary', `multipart/form-data; boundary="${BOUNDARY}"`, `--${BOUNDARY}--\r\n`],
    ['no boundary', 'multipart/form-data', `--${BOUNDARY}--\r\n`],
  ])('is none with %s', (_, type, body) => {
    expect(parsed(type, body)).toBeNull();
  });

  it('is none in another encoding', () => {
    const body = Buffer.from(`${part('name="a"', '\u00ff')}--${BOUNDARY}--\r\n`, 'latin1');
    expect(parseForm(MULTIPART, body)).toBeNull();
  });
});
