import { refuse } from './memory';

/** Where the next byte of the file is. */
export let position: usize = 0;
/** Bits that come next, from the highest down: `count` of them, and below at times the first bits of the next byte. */
export let buffer: u64 = 0;
export let count: i32 = 0;
/** Zeros among them that were put in because a marker ended the data. */
let invented: i32 = 0;

export function moveTo(address: usize): void {
  position = address;
}

export function startBits(): void {
  buffer = 0;
  count = 0;
  invented = 0;
}

/** Ends at a marker: everything before it must have been used, but for the bits that fill the last byte. */
export function finishBits(): void {
  if (count < invented || count - invented > 7) refuse();
}

/** At least 48 bits: a code of 16 with 15 bits behind it, and a bit more. */
// @ts-ignore: decorator
@inline
export function need(): void {
  if (count < 48) refill();
}

/** Takes over bits that a loop has held in variables of its own, which are faster. */
// @ts-ignore: decorator
@inline
export function putBack(bits: u64, left: i32): void {
  buffer = bits;
  count = left;
}

export function refill(): void {
  const next = load<u64>(position);
  // No byte is 0xff.
  if ((((~next - 0x0101010101010101) & next) & 0x8080808080808080) == 0) {
    buffer |= bswap(next) >> count;
    const bytes = (63 - count) >> 3;
    position += bytes;
    count += bytes << 3;
    return;
  }
  while (count <= 56) {
    const byte = <u64>load<u8>(position);
    if (byte != 0xff) position++;
    else if (load<u8>(position, 1) == 0) position += 2;
    else {
      invented += 8;
      count += 8;
      continue;
    }
    buffer |= byte << (56 - count);
    count += 8;
  }
}

/** The next `bits`, 1 to 32, without taking them. */
// @ts-ignore: decorator
@inline
export function peek(bits: i32): i32 {
  return <i32>(buffer >> (64 - bits));
}

// @ts-ignore: decorator
@inline
export function skip(bits: i32): void {
  buffer <<= bits;
  count -= bits;
}

// @ts-ignore: decorator
@inline
export function take(bits: i32): i32 {
  const value = peek(bits);
  skip(bits);
  return value;
}

/** The number that the first `size` (1 to 15) of these bits stand for: ITU T.81 F.2.2.1, EXTEND. */
// @ts-ignore: decorator
@inline
export function signed(bits: u64, size: i32): i32 {
  const value = <i32>(bits >> (64 - size));
  return value + (((value >> (size - 1)) - 1) & ((-1 << size) + 1));
}

// @ts-ignore: decorator
@inline
export function takeSigned(size: i32): i32 {
  const value = signed(buffer, size);
  skip(size);
  return value;
}
