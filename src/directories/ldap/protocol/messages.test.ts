import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadAnswer, createFramer, element, numberElement } from './ber.ts';
import { parseAnswer } from './messages.ts';

const octets = (text: string): Buffer => element(0x04, text);
const attribute = (name: string, ...values: string[]): Buffer =>
  element(0x30, octets(name), element(0x31, ...values.map(octets)));
const entry = (...attributes: Buffer[]): Buffer =>
  element(0x64, octets('uid=ann'), element(0x30, ...attributes));
const content = (operation: Buffer, id = 7): Buffer =>
  Buffer.concat([numberElement(0x02, id), operation]);
const result = (tag: number, code: number, text: string): Buffer =>
  element(tag, numberElement(0x0a, code), octets(''), octets(text));

function faultOf(bytes: Buffer): unknown {
  try {
    parseAnswer(bytes);
    return null;
  } catch (caught) {
    return caught;
  }
}

describe('a message of a server', () => {
  it('is an entry with attributes in lower case', () => {
    const parsed = parseAnswer(content(entry(attribute('memberOf', 'a', 'b'), attribute('mail'))));
    if (parsed.content === null || !('entry' in parsed.content)) throw new Error('no entry');
    expect(parsed.id).toBe(7);
    expect(parsed.content.entry.dn).toBe('uid=ann');
    expect([...parsed.content.entry.attributes]).toEqual([
      ['memberof', [Buffer.from('a'), Buffer.from('b')]],
      ['mail', []],
    ]);
  });

  it('is a result with code, text and controls', () => {
    const control = element(0x30, octets('1.2.3'), octets('value'));
    const bytes = Buffer.concat([content(result(0x61, 49, 'data 532')), element(0xa0, control)]);
    expect(parseAnswer(bytes).content).toEqual({
      tag: 0x61,
      result: { code: 49, text: 'data 532', controls: new Map([['1.2.3', Buffer.from('value')]]) },
    });
  });

  it('can be a referral, which leads nowhere', () => {
    expect(parseAnswer(content(element(0x73, octets('ldap://evil.example')))).content).toBeNull();
  });

  const bad: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    'no operation': numberElement(0x02, 7),
    'an unknown operation': content(element(0x7f)),
    'a request': content(element(0x60, octets('x'))),
    'an entry without attributes': content(element(0x64, octets('uid=ann'))),
    'an entry without a name': content(element(0x64, element(0x30))),
    'values that are no set': content(
      entry(element(0x30, octets('uid'), element(0x30, octets('ann')))),
    ),
    'a value of another type': content(
      entry(element(0x30, octets('uid'), element(0x31, numberElement(0x02, 1)))),
    ),
    'an attribute twice': content(entry(attribute('uid', 'ann'), attribute('UID', 'bob'))),
    'a length beyond the end': content(Buffer.from([0x64, 0x84, 0x7f, 0xff, 0xff, 0xff])),
    'a negative length': content(Buffer.from([0x64, 0x84, 0xff, 0xff, 0xff, 0xff])),
    'an indefinite length': content(Buffer.from([0x64, 0x80, 0, 0])),
    'a length of eight bytes': content(Buffer.from([0x64, 0x88, 0, 0, 0, 0, 0, 0, 0, 0])),
    'a set longer than its entry': content(
      Buffer.from([0x64, 0x0b, 4, 1, 97, 0x30, 6, 0x30, 4, 4, 1, 97, 0x31]),
    ),
    'too many values': content(entry(attribute('uid', ...Array<string>(4001).fill('x')))),
    'too many attributes': content(
      entry(...Array.from({ length: 501 }, (_, n) => attribute(`a${n}`, 'x'))),
    ),
    'a code of eight bytes': content(
      element(0x65, element(0x0a, Buffer.alloc(8)), octets(''), octets('')),
    ),
    'a result without texts': content(element(0x65, numberElement(0x0a, 0))),
    'more behind it': Buffer.concat([content(result(0x65, 0, '')), octets('x'), octets('y')]),
  };
  it.each(Object.keys(bad))('is refused with %s', (name) => {
    expect(() => parseAnswer(bad[name] as Buffer)).toThrow(BadAnswer);
  });

  it('is refused or read, whatever it is, and wherever a byte is wrong', () => {
    const valid = content(entry(attribute('uid', 'ann'), attribute('memberOf', 'x', 'y')));
    const spoiled = fc
      .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length))
      .map(([at, byte, size]) => {
        const copy = Buffer.from(valid);
        copy[at] = byte;
        return copy.subarray(0, size);
      });
    const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(spoiled, any), (bytes) => {
        expect(faultOf(bytes)).toSatisfy((fault) => fault === null || fault instanceof BadAnswer);
      }),
    );
  });
});

describe('a stream of messages', () => {
  const messages = [result(0x65, 0, ''), entry(attribute('uid', 'ann')), result(0x61, 49, 'no')];
  const stream = Buffer.concat(messages.map((one) => element(0x30, content(one))));

  it('is cut into the same messages, however it arrives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const framer = createFramer();
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const found = at.flatMap((start, i) => framer.push(stream.subarray(start, at[i + 1])));
        // The last cut begins at the end, and adds nothing.
        expect(found.map(String)).toEqual(messages.map((one) => String(content(one))));
        expect(framer.isWithin()).toBe(false);
      }),
    );
  });

  it('arrives byte by byte', () => {
    const framer = createFramer();
    const found = [...stream].flatMap((byte) => framer.push(Buffer.from([byte])));
    expect(found).toHaveLength(messages.length);
  });

  it.each([
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a message of 4 GB', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1])],
    ['a message of 2 MiB', Buffer.from([0x30, 0x83, 0x20, 0, 0, 1])],
    ['an indefinite length', Buffer.from([0x30, 0x80, 1, 1])],
  ])('is refused with %s', (_, bytes) => {
    expect(() => createFramer().push(bytes)).toThrow(BadAnswer);
  });

  it('of thousands of tiny messages in one chunk is read without nesting', () => {
    const tiny = element(0x30, content(result(0x65, 0, '')));
    const chunk = Buffer.concat(Array<Buffer>(20_000).fill(tiny));
    expect(createFramer().push(chunk)).toHaveLength(20_000);
  });
});
