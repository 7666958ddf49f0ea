/** CRC-32 (ISO-HDLC, as in zlib): finds typing errors. It protects nothing against an attacker. */

/** The polynomial, its bits reversed. */
const POLY = 0xedb8_8320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1)
    value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLY;
  return value;
});

/** The checksum of a latin-1 text, as an unsigned 32-bit number. */
export function crc32(text: string): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < text.length; i += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
