/**
 * An address as throttling counts it: IPv4 whole, IPv6 by its /64, since a household or
 * a rented server owns all of one. Total: an odd text counts as itself.
 */

const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** `203.0.113.9` → itself; `2001:db8::1` → `2001:db8:0:0::/64`; v4-mapped → the v4 address. */
export function addressBlock(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::', 2) ?? [];
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${all.slice(0, 4).join(':')}::/64`;
}

function groups(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    // A dotted tail is two groups; only its place matters for the first four.
    if (group.includes('.')) return ['0', '0'];
    return [group.replace(/^0+(?=.)/, '')];
  });
}
