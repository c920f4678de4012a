import { allocate, refuse } from './memory';

/** One colour component of the picture. */
@unmanaged
export class Component {
  id: i32 = 0;
  /** Sampling factors. */
  across: i32 = 0;
  down: i32 = 0;
  quantTable: i32 = 0;
  /** Blocks that show something, and those that are stored, which fill whole MCUs. */
  blocksWide: i32 = 0;
  blocksHigh: i32 = 0;
  storedWide: i32 = 0;
  storedHigh: i32 = 0;
  /** Samples that show something. */
  width: i32 = 0;
  height: i32 = 0;
  /** 64 coefficients a block, row by row. */
  coefficients: usize = 0;
  /** 64 bits a block: which coefficients are not zero, in zigzag order. */
  masks: usize = 0;
  /** Quantisation table as it was at the component's first scan. */
  quant: usize = 0;
  /** Low bits that each coefficient still lacks, in zigzag order; -1 before the first scan. */
  missing: usize = 0;
  prediction: i32 = 0;
  dcTable: usize = 0;
  acTable: usize = 0;
  /** Samples, from the first that shows on. */
  samples: usize = 0;
  stride: i32 = 0;
}

const SIZE: usize = offsetof<Component>();
const MOST = 3;
const components = memory.data(3 * 128, 16);
const scanned = memory.data(3 * 4, 4);

// @ts-ignore: decorator
@inline
export function component(index: i32): Component {
  return changetype<Component>(components + <usize>index * SIZE);
}

export let width: i32 = 0;
export let height: i32 = 0;
export let componentCount: i32 = 0;
export let isProgressive: bool = false;
export let mcusWide: i32 = 0;
export let mcusHigh: i32 = 0;

export function forgetFrame(): void {
  componentCount = 0;
}

/** Reads a start-of-frame segment (ITU T.81 B.2.2): 8 bits, one component or three with 4:4:4, 4:2:2 or 4:2:0 sampling. */
export function startFrame(segment: usize, end: usize, progressive: bool, maxPixels: i32): void {
  if (componentCount > 0 || segment + 6 > end || load<u8>(segment) != 8) refuse();
  height = bswap(load<u16>(segment, 1));
  width = bswap(load<u16>(segment, 3));
  const many = <i32>load<u8>(segment, 5);
  if (width == 0 || height == 0 || <i64>width * height > <i64>maxPixels) refuse();
  if ((many != 1 && many != MOST) || segment + 6 + many * 3 != end) refuse();
  componentCount = many;
  isProgressive = progressive;
  for (let i = 0; i < many; i++) {
    const from = segment + 6 + i * 3;
    const item = component(i);
    item.id = load<u8>(from);
    // The only component of a grey picture has a block for its MCU, whatever its factors say.
    item.across = many == 1 ? 1 : load<u8>(from, 1) >> 4;
    item.down = many == 1 ? 1 : load<u8>(from, 1) & 15;
    item.quantTable = load<u8>(from, 2);
    if (item.quantTable > 3) refuse();
    for (let other = 0; other < i; other++) if (component(other).id == item.id) refuse();
  }
  const most = component(0);
  const isKnown = most.across * 16 + most.down == 0x11 || most.across * 16 + most.down == 0x21 || most.across * 16 + most.down == 0x22;
  if (!isKnown) refuse();
  for (let i = 1; i < many; i++) if (component(i).across != 1 || component(i).down != 1) refuse();
  mcusWide = (width + most.across * 8 - 1) / (most.across * 8);
  mcusHigh = (height + most.down * 8 - 1) / (most.down * 8);
  for (let i = 0; i < many; i++) allocateBlocks(component(i), most);
}

function allocateBlocks(item: Component, most: Component): void {
  item.width = (width * item.across + most.across - 1) / most.across;
  item.height = (height * item.down + most.down - 1) / most.down;
  item.blocksWide = (item.width + 7) >> 3;
  item.blocksHigh = (item.height + 7) >> 3;
  item.storedWide = mcusWide * item.across;
  item.storedHigh = mcusHigh * item.down;
  const blocks = <usize>item.storedWide * item.storedHigh;
  item.coefficients = zeros(blocks * 128);
  item.masks = zeros(blocks * 8);
  item.quant = allocate(128);
  item.missing = allocate(64);
  memory.fill(item.missing, 0xff, 64);
}

function zeros(bytes: usize): usize {
  const address = allocate(bytes);
  memory.fill(address, 0, bytes);
  return address;
}

/** The components of the scan at hand, by their place in the frame. */
export let scannedCount: i32 = 0;

export function startScan(): void {
  scannedCount = 0;
}

export function addToScan(index: i32): void {
  store<i32>(scanned + scannedCount++ * 4, index);
}

// @ts-ignore: decorator
@inline
export function scannedComponent(place: i32): Component {
  return component(load<i32>(scanned + place * 4));
}
