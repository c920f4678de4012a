import { buffer, count, need, putBack, refill, signed, take, takeSigned } from './bits';
import { Component } from './frame';
import { symbolIn, takeSymbol } from './huffman';
import { refuse } from './memory';
import { coefficientAt } from './zigzag';

/** All coefficients of a block: ITU T.81 F.2.2. */
export function sequentialBlock(item: Component, block: usize, mask: usize): void {
  firstDc(item, block, 0);
  const table = item.acTable;
  let nonZero: u64 = 0;
  for (let k = 1; k < 64; k++) {
    need();
    const symbol = takeSymbol(table);
    const size = symbol & 15;
    if (size == 0) {
      if (symbol != 0xf0) break;
      k += 15;
      continue;
    }
    k += symbol >> 4;
    if (k > 63) refuse();
    store<i16>(coefficientAt(block, k), <i16>takeSigned(size));
    nonZero |= <u64>1 << k;
  }
  store<u64>(mask, nonZero);
}

/** The first bits of a DC coefficient, `low` bits short. */
export function firstDc(item: Component, block: usize, low: i32): void {
  need();
  const size = takeSymbol(item.dcTable);
  if (size > 0) item.prediction += takeSigned(size);
  store<i16>(block, <i16>(item.prediction << low));
}

/** One more bit of a DC coefficient. */
export function refinedDc(block: usize, low: i32): void {
  need();
  if (take(1) != 0) store<i16>(block, <i16>(<i32>load<i16>(block) | (1 << low)));
}

/** Blocks of the scan, this one included, that hold nothing new: the end-of-band run of ITU T.81 G.1.2.2. */
let emptyRun: i32 = 0;

export function startBand(): void {
  emptyRun = 0;
}

// @ts-ignore: decorator
@inline
function takeRun(bits: i32): i32 {
  return bits == 0 ? 1 : (1 << bits) + take(bits);
}

/** The first bits of AC coefficients: ITU T.81 G.1.2.2. */
export function firstAc(item: Component, block: usize, mask: usize, start: i32, end: i32, low: i32): void {
  if (emptyRun > 0) {
    emptyRun--;
    return;
  }
  const table = item.acTable;
  let nonZero: u64 = 0;
  let bits = buffer;
  let left = count;
  for (let k = start; k <= end; k++) {
    if (left < 32) {
      putBack(bits, left);
      refill();
      bits = buffer;
      left = count;
    }
    const entry = symbolIn(bits, table);
    bits <<= entry >> 8;
    left -= entry >> 8;
    const size = entry & 15;
    const run = (entry >> 4) & 15;
    if (size == 0) {
      if (run < 15) {
        emptyRun = (1 << run) - 1;
        if (run > 0) {
          emptyRun += <i32>(bits >> (64 - run));
          bits <<= run;
          left -= run;
        }
        break;
      }
      k += 15;
      continue;
    }
    k += run;
    if (k > end) refuse();
    store<i16>(coefficientAt(block, k), <i16>(signed(bits, size) << low));
    bits <<= size;
    left -= size;
    nonZero |= <u64>1 << k;
  }
  putBack(bits, left);
  store<u64>(mask, load<u64>(mask) | nonZero);
}

/** One more bit of AC coefficients, and those that begin with it: ITU T.81 G.1.2.3. */
export function refinedAc(item: Component, block: usize, mask: usize, start: i32, end: i32, low: i32): void {
  const known = load<u64>(mask);
  // What was there before, from `start` to `end`.
  let old = known & ((<u64>2 << end) - 1) & (<u64>-1 << start);
  let k = start;
  if (emptyRun == 0) {
    const table = item.acTable;
    let fresh: u64 = 0;
    while (k <= end) {
      need();
      const symbol = takeSymbol(table);
      let run = symbol >> 4;
      let value = 0;
      if ((symbol & 15) == 0) {
        if (run < 15) {
          emptyRun = takeRun(run);
          break;
        }
      } else {
        if ((symbol & 15) != 1) refuse();
        value = take(1) != 0 ? 1 << low : -1 << low;
      }
      // Over `run` zeros; what is not zero on the way gets its bit.
      for (;;) {
        const next = old == 0 ? end + 1 : <i32>ctz(old);
        const zeros = next - k;
        if (run < zeros) {
          k += run;
          break;
        }
        run -= zeros;
        k = next;
        if (k > end) break;
        refineOne(block, k, low);
        old &= old - 1;
        k++;
      }
      if (value != 0) {
        if (k > end) refuse();
        store<i16>(coefficientAt(block, k), <i16>value);
        fresh |= <u64>1 << k;
      }
      k++;
    }
    if (fresh != 0) store<u64>(mask, known | fresh);
  }
  if (emptyRun == 0) return;
  for (; old != 0; old &= old - 1) refineOne(block, <i32>ctz(old), low);
  emptyRun--;
}

// @ts-ignore: decorator
@inline
function refineOne(block: usize, k: i32, low: i32): void {
  need();
  if (take(1) == 0) return;
  const at = coefficientAt(block, k);
  const value = <i32>load<i16>(at);
  const bit = 1 << low;
  // A file that sends a bit twice is as odd as libjpeg allows.
  if ((value & bit) == 0) store<i16>(at, <i16>(value < 0 ? value - bit : value + bit));
}
