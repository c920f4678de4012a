import { allocate, refuse } from './memory';

/** Where the next byte of the file is. */
export let position: usize = 0;

/**
 * The entropy-coded data of a section (up to the next marker) without the zeros that follow each 0xff, and zeros behind it. What
 * runs far beyond it reads on in other memory, and is found out at the end.
 */
let section: usize = 0;
let sectionEnd: usize = 0;

/** The reader's state: where it reads, the bits that come next from the highest down, and how many of them count. */
export let cursor: usize = 0;
export let buffer: u64 = 0;
export let count: i32 = 0;

export function moveTo(address: usize): void {
  position = address;
}

/** Makes room for a section of a file of so many bytes. */
export function allocateSection(length: i32): void {
  section = allocate(<usize>length + 64);
}

/** Begins to read the data at `position`, which moves to the marker behind it. */
export function startBits(): void {
  let from = position;
  let to = section;
  for (;;) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const marks = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(-1)));
    if (marks == 0) {
      from += 16;
      to += 16;
      continue;
    }
    const before = ctz(marks);
    from += before;
    to += before;
    if (load<u8>(from, 1) != 0) break;
    from += 2;
    to += 1;
  }
  position = from;
  sectionEnd = to;
  memory.fill(to, 0, 32);
  cursor = section;
  buffer = 0;
  count = 0;
}

/** Ends a section: all of it must have been used, but for the bits that fill its last byte. */
export function finishBits(): void {
  const unused = (<isize>sectionEnd - <isize>cursor) * 8 + count;
  if (unused < 0 || unused > 7) refuse();
}

/** At least 56 bits are there afterwards. A few instructions without a branch: cheaper than to ask whether it has to be. */
// @ts-ignore: decorator
@inline
export function refill(): void {
  buffer |= bswap(load<u64>(cursor)) >> count;
  cursor += (63 - count) >> 3;
  count |= 56;
}

/** Takes over the state that a loop has held in variables of its own, which are faster. */
// @ts-ignore: decorator
@inline
export function putBack(next: usize, bits: u64, left: i32): void {
  cursor = next;
  buffer = bits;
  count = left;
}

// @ts-ignore: decorator
@inline
export function skip(bits: i32): void {
  buffer <<= bits;
  count -= bits;
}

// @ts-ignore: decorator
@inline
export function takeBit(): i32 {
  const bit = <i32>(buffer >> 63);
  skip(1);
  return bit;
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
