/** Rounds shift by these numbers of bits. RFC 1321 */
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
/** Word i of round r is at (STEP[r] * i + START[r]) mod 16. */
const STEP = [1, 5, 3, 7];
const START = [0, 1, 5, 0];
const BLOCK = 64;

function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  if (round === 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}

function padded(data: Uint8Array): Uint8Array {
  const size = Math.ceil((data.length + 9) / BLOCK) * BLOCK;
  const bytes = new Uint8Array(size);
  bytes.set(data);
  bytes[data.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(size - 8, BigInt(data.length) * 8n, true);
  return bytes;
}

/** The MD5 sum in hexadecimal. RFC 1321 */
export function md5(data: Uint8Array): string {
  const bytes = padded(data);
  const view = new DataView(bytes.buffer);
  const constants = Array.from(
    { length: BLOCK },
    (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32),
  );
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let at = 0; at < bytes.length; at += BLOCK) {
    let [a, b, c, d] = state;
    for (let i = 0; i < BLOCK; i++) {
      const round = i >> 4;
      const word = view.getInt32(at + 4 * ((STEP[round] * i + START[round]) & 15), true);
      const sum = (a + mix(round, b, c, d) + constants[i] + word) | 0;
      const shift = SHIFTS[round][i & 3];
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
  return [...new Uint8Array(state.buffer)].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
