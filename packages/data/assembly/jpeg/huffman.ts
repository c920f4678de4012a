import { buffer, skip } from './bits';
import { refuse } from './memory';

/** Codes of up to this many bits are found by one look. */
const LOOK = 9;
/** Per table: looks, highest code and first value of each length, values, and whether it was defined. */
const HIGHEST = 2 << LOOK;
const FIRST = HIGHEST + 17 * 4;
const VALUES = FIRST + 17 * 4;
const DEFINED = VALUES + 256;
const SIZE = DEFINED + 8;
const tables = memory.data(8 * 1424, 16);

/** Table 0 to 3 of class 0 (DC) or 1 (AC). */
// @ts-ignore: decorator
@inline
export function huffmanTable(kind: i32, index: i32): usize {
  return tables + (kind * 4 + index) * SIZE;
}

export function forgetTables(): void {
  memory.fill(tables, 0, 8 * SIZE);
}

export function requireTable(table: usize): void {
  if (!load<u8>(table + DEFINED)) refuse();
}

/** Reads a table from a DHT segment (ITU T.81 B.2.4.2, annex C); gives the address behind it. */
export function defineTable(segment: usize, end: usize): usize {
  const kind = load<u8>(segment) >> 4;
  const index = load<u8>(segment) & 15;
  if (kind > 1 || index > 3 || segment + 17 > end) refuse();
  const table = huffmanTable(kind, index);
  memory.fill(table, 0, SIZE);
  const values = segment + 17;
  let code = 0;
  let value = 0;
  for (let length = 1; length <= 16; length++) {
    const many = <i32>load<u8>(segment + length);
    if (value + many > 256 || values + value + many > end || code + many > 1 << length) refuse();
    store<i32>(table + FIRST + length * 4, value - code);
    for (let i = 0; i < many; i++) {
      const symbol = load<u8>(values + value);
      if (kind == 0 && symbol > 15) refuse();
      store<u8>(table + VALUES + value, symbol);
      if (length <= LOOK) {
        const entry = <u16>((length << 8) | symbol);
        const first = code << (LOOK - length);
        for (let look = first; look < first + (1 << (LOOK - length)); look++) store<u16>(table + look * 2, entry);
      }
      value++;
      code++;
    }
    store<i32>(table + HIGHEST + length * 4, many > 0 ? code - 1 : -1);
    code <<= 1;
  }
  store<u8>(table + DEFINED, 1);
  return values + value;
}

/** The next symbol; at least 16 bits must be there. */
// @ts-ignore: decorator
@inline
export function takeSymbol(table: usize): i32 {
  const entry = symbolIn(buffer, table);
  skip(entry >> 8);
  return entry & 255;
}

/** The symbol that bits begin with, and above it, from bit 8 on, how many of them it takes. */
// @ts-ignore: decorator
@inline
export function symbolIn(bits: u64, table: usize): i32 {
  const entry = <i32>load<u16>(table + (<usize>(bits >> (64 - LOOK)) << 1));
  return entry != 0 ? entry : longSymbolIn(bits, table);
}

function longSymbolIn(bits: u64, table: usize): i32 {
  for (let length = LOOK + 1; length <= 16; length++) {
    const code = <i32>(bits >> (64 - length));
    if (code > load<i32>(table + HIGHEST + length * 4)) continue;
    return (length << 8) | load<u8>(table + VALUES + ((code + load<i32>(table + FIRST + length * 4)) & 255));
  }
  refuse();
  return 0;
}
