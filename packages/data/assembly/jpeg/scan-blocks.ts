import { buffer, count, cursor, putBack, refill, signed, takeBit, takeSigned } from './bits';
import { Component } from './frame';
import { symbolIn, takeSymbol } from './huffman';
import { refuse } from './memory';
import { coefficientAt } from './zigzag';

/** The first bits of a DC coefficient, `low` bits short: ITU T.81 F.2.2.1. */
export function firstDc(item: Component, block: usize, low: i32): void {
  refill();
  const size = takeSymbol(item.dcTable);
  if (size > 0) item.prediction += takeSigned(size);
  store<i16>(block, <i16>(item.prediction << low));
}

/** One more bit of a DC coefficient. */
export function refinedDc(block: usize, low: i32): void {
  refill();
  store<i16>(block, <i16>(<i32>load<i16>(block) | (takeBit() << low)));
}

/** Blocks of the scan, this one included, that hold nothing new: the end-of-band run of ITU T.81 G.1.2.2. */
let emptyRun: i32 = 0;

export function startBand(): void {
  emptyRun = 0;
}

export function requireNoRun(): void {
  if (emptyRun > 0) refuse();
}

/**
 * The first bits of AC coefficients, `low` bits short: ITU T.81 F.2.2.2 and, for progressive files, G.1.2.2. An end-of-band symbol
 * with a run is known in progressive files only.
 */
export function firstAc(item: Component, block: usize, mask: usize, start: i32, end: i32, low: i32): void {
  if (emptyRun > 0) {
    emptyRun--;
    return;
  }
  const table = item.acTable;
  let nonZero = load<u64>(mask);
  let next = cursor;
  let bits = buffer;
  let left = count;
  for (let k = start; k <= end; k++) {
    bits |= bswap(load<u64>(next)) >> left;
    next += (63 - left) >> 3;
    left |= 56;
    const entry = symbolIn(bits, table);
    bits <<= entry >> 8;
    left -= entry >> 8;
    const size = entry & 15;
    const run = (entry >> 4) & 15;
    k += run;
    if (size != 0) {
      if (k > end) refuse();
      store<i16>(coefficientAt(block, k), <i16>(signed(bits, size) << low));
      bits <<= size;
      left -= size;
      nonZero |= <u64>1 << k;
    } else if (run < 15) {
      if (run > 0) {
        emptyRun = (1 << run) - 1 + <i32>(bits >> (64 - run));
        bits <<= run;
        left -= run;
      }
      break;
    }
  }
  putBack(next, bits, left);
  store<u64>(mask, nonZero);
}

/** One more bit of AC coefficients, and those that begin with it: ITU T.81 G.1.2.3. */
export function refinedAc(item: Component, block: usize, mask: usize, start: i32, end: i32, low: i32): void {
  let nonZero = load<u64>(mask);
  // What was there before, from `start` to `end`.
  let old = nonZero & ((<u64>2 << end) - 1) & (<u64>-1 << start);
  if (emptyRun > 0 && old == 0) {
    emptyRun--;
    return;
  }
  const table = item.acTable;
  let next = cursor;
  let bits = buffer;
  let left = count;
  for (let k = start; k <= end && emptyRun == 0; k++) {
    bits |= bswap(load<u64>(next)) >> left;
    next += (63 - left) >> 3;
    left |= 56;
    const entry = symbolIn(bits, table);
    bits <<= entry >> 8;
    left -= entry >> 8;
    const size = entry & 15;
    let run = (entry >> 4) & 15;
    let value = 0;
    if (size != 0) {
      if (size != 1) refuse();
      value = (<i32>(bits >> 63) * 2 - 1) << low;
      bits <<= 1;
      left--;
    } else if (run < 15) {
      emptyRun = 1 << run;
      if (run > 0) {
        emptyRun += <i32>(bits >> (64 - run));
        bits <<= run;
        left -= run;
      }
      break;
    }
    // Over `run` zeros; what is not zero on the way gets its bit.
    for (;;) {
      const first = old == 0 ? end + 1 : <i32>ctz(old);
      if (run < first - k) {
        k += run;
        break;
      }
      run -= first - k;
      k = first;
      if (k > end) break;
      bits |= bswap(load<u64>(next)) >> left;
      next += (63 - left) >> 3;
      left |= 56;
      refineOne(coefficientAt(block, k), <i32>(bits >> 63) << low);
      bits <<= 1;
      left--;
      old &= old - 1;
      k++;
    }
    if (value != 0) {
      if (k > end) refuse();
      store<i16>(coefficientAt(block, k), <i16>value);
      nonZero |= <u64>1 << k;
    }
  }
  if (emptyRun > 0) {
    for (; old != 0; old &= old - 1) {
      bits |= bswap(load<u64>(next)) >> left;
      next += (63 - left) >> 3;
      left |= 56;
      refineOne(coefficientAt(block, <i32>ctz(old)), <i32>(bits >> 63) << low);
      bits <<= 1;
      left--;
    }
    emptyRun--;
  }
  putBack(next, bits, left);
  store<u64>(mask, nonZero);
}

/** Adds a bit to a coefficient's magnitude. */
// @ts-ignore: decorator
@inline
function refineOne(at: usize, bit: i32): void {
  const value = <i32>load<i16>(at);
  store<i16>(at, <i16>(value + ((value >> 31) | 1) * bit));
}
