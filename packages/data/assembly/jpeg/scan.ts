import { finishBits, moveTo, position, startBits } from './bits';
import { addToScan, Component, component, componentCount, isProgressive, mcusHigh, mcusWide, scannedComponent, scannedCount, startScan } from './frame';
import { huffmanTable, requireTable } from './huffman';
import { refuse } from './memory';
import { firstAc, firstDc, refinedAc, refinedDc, requireNoRun, startBand } from './scan-blocks';

let start: i32 = 0;
let end: i32 = 0;
/** Bits that coefficients lacked before the scan (0: it is their first), and lack after it. */
let before: i32 = 0;
let low: i32 = 0;

/** MCUs between restarts; 0 for none. */
let restartInterval: i32 = 0;
let restartsIn: i32 = 0;
let nextRestart: u8 = 0;

export function setRestartInterval(interval: i32): void {
  restartInterval = interval;
}

/** Reads a scan: its header (ITU T.81 B.2.3) and its data. `quantTables` holds the current tables, 128 bytes each, `hasQuant` which. */
export function readScan(segment: usize, segmentEnd: usize, quantTables: usize, hasQuant: usize): void {
  readHeader(segment, segmentEnd);
  for (let place = 0; place < scannedCount; place++) {
    const item = scannedComponent(place);
    // The table may be replaced later; the component keeps the one it began with.
    if (load<i8>(item.missing) < 0 && isAllMissing(item)) keepQuantTable(item, quantTables, hasQuant);
    noteProgress(item);
  }
  moveTo(segmentEnd);
  restartsIn = restartInterval;
  nextRestart = 0xd0;
  startSection();
  if (isProgressive && start > 0) readBand(scannedComponent(0));
  else readMcus();
  finishBits();
}

function readHeader(segment: usize, segmentEnd: usize): void {
  const many = <i32>load<u8>(segment);
  if (componentCount == 0 || many < 1 || many > componentCount || segment + 4 + many * 2 != segmentEnd) refuse();
  const parameters = segment + 1 + many * 2;
  start = load<u8>(parameters);
  end = load<u8>(parameters, 1);
  before = load<u8>(parameters, 2) >> 4;
  low = load<u8>(parameters, 2) & 15;
  const isFirst = before == 0;
  if (!isProgressive) {
    if (start != 0 || end != 63 || before != 0 || low != 0) refuse();
  } else {
    if (start == 0 ? end != 0 : start > end || end > 63 || many != 1) refuse();
    if (low > 13 || (!isFirst && low != before - 1)) refuse();
  }
  startScan();
  for (let place = 0; place < many; place++) {
    const id = <i32>load<u8>(segment + 1 + place * 2);
    const tables = <i32>load<u8>(segment + 2 + place * 2);
    let index = 0;
    while (index < componentCount && component(index).id != id) index++;
    if (index == componentCount || tables >> 4 > 3 || (tables & 15) > 3) refuse();
    for (let other = 0; other < place; other++) if (changetype<usize>(scannedComponent(other)) == changetype<usize>(component(index))) refuse();
    addToScan(index);
    const item = component(index);
    item.dcTable = huffmanTable(0, tables >> 4);
    item.acTable = huffmanTable(1, tables & 15);
    if (start == 0 && isFirst) requireTable(item.dcTable);
    if (end > 0) requireTable(item.acTable);
  }
}

function isAllMissing(item: Component): bool {
  for (let k = 1; k < 64; k++) if (load<i8>(item.missing + k) >= 0) return false;
  return true;
}

function keepQuantTable(item: Component, quantTables: usize, hasQuant: usize): void {
  if (!load<u8>(hasQuant + item.quantTable)) refuse();
  memory.copy(item.quant, quantTables + item.quantTable * 128, 128);
}

/** Each bit of each coefficient comes once and in order, DC first. */
function noteProgress(item: Component): void {
  if (start > 0 && load<i8>(item.missing) < 0) refuse();
  for (let k = start; k <= end; k++) {
    const known = <i32>load<i8>(item.missing + k);
    if (before == 0 ? known >= 0 : known != before) refuse();
    store<i8>(item.missing + k, <i8>low);
  }
}

function startSection(): void {
  startBits();
  startBand();
  for (let place = 0; place < scannedCount; place++) scannedComponent(place).prediction = 0;
}

/** Called before each MCU. */
// @ts-ignore: decorator
@inline
function restartIfDue(): void {
  if (restartInterval > 0 && restartsIn-- == 0) restart();
}

function restart(): void {
  finishBits();
  if (load<u8>(position) != 0xff || load<u8>(position, 1) != nextRestart) refuse();
  moveTo(position + 2);
  nextRestart = 0xd0 | ((nextRestart + 1) & 7);
  restartsIn = restartInterval - 1;
  startSection();
}

/** A scan of AC coefficients of one component. */
function readBand(item: Component): void {
  for (let row = 0; row < item.blocksHigh; row++) {
    const first = row * item.storedWide;
    for (let block = first; block < first + item.blocksWide; block++) {
      restartIfDue();
      const coefficients = item.coefficients + <usize>block * 128;
      const mask = item.masks + <usize>block * 8;
      if (before == 0) firstAc(item, coefficients, mask, start, end, low);
      else refinedAc(item, coefficients, mask, start, end, low);
    }
  }
}

/** A scan of whole blocks or of DC coefficients. With one component its blocks follow each other row by row (ITU T.81 A.2). */
function readMcus(): void {
  if (scannedCount == 1) {
    const item = scannedComponent(0);
    for (let row = 0; row < item.blocksHigh; row++) {
      for (let column = 0; column < item.blocksWide; column++) {
        restartIfDue();
        readBlock(item, row * item.storedWide + column);
      }
    }
    return;
  }
  for (let row = 0; row < mcusHigh; row++) {
    for (let column = 0; column < mcusWide; column++) {
      restartIfDue();
      for (let place = 0; place < scannedCount; place++) {
        const item = scannedComponent(place);
        for (let y = row * item.down; y < (row + 1) * item.down; y++) {
          for (let x = column * item.across; x < (column + 1) * item.across; x++) readBlock(item, y * item.storedWide + x);
        }
      }
    }
  }
}

function readBlock(item: Component, block: i32): void {
  const coefficients = item.coefficients + <usize>block * 128;
  if (before != 0) {
    refinedDc(coefficients, low);
    return;
  }
  firstDc(item, coefficients, low);
  if (isProgressive) return;
  firstAc(item, coefficients, item.masks + <usize>block * 8, 1, 63, 0);
  // Runs of empty blocks are for progressive files.
  requireNoRun();
}

/** Whether every coefficient has all its bits; libjpeg guesses at what is missing. */
export function requireAllScans(): void {
  if (componentCount == 0) refuse();
  for (let i = 0; i < componentCount; i++) {
    for (let k = 0; k < 64; k++) if (load<i8>(component(i).missing + k) != 0) refuse();
  }
}
