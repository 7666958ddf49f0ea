/**
 * The key under which throttling counts an address: an IPv4 address itself, but the /64 of an IPv6
 * address, because a household or rented server owns a whole /64. A malformed address is its own
 * key.
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
    // A dotted IPv4 tail is two groups. Their values do not matter, because only the first four
    // groups are used.
    if (group.includes('.')) return ['0', '0'];
    return [group.replace(/^0+(?=.)/, '')];
  });
}
