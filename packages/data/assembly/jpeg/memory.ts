/** Where the next allocation begins. Everything is given back at once, before the next file. */
let top: usize = 0;

export function forgetAll(): void {
  top = __heap_base;
}

/** Memory with arbitrary content, at a multiple of 16, with room behind it for loads and stores of 16 bytes that run over. */
export function allocate(bytes: usize): usize {
  const address = (top + 15) & ~15;
  top = address + bytes + 64;
  const missing = <isize>top - (<isize>memory.size() << 16);
  if (missing > 0 && memory.grow(<i32>((missing + 65535) >> 16)) < 0) refuse();
  return address;
}

/**
 * Ends the decoding of a file that is damaged, or of a kind that is not known here. The caller hands such files to libvips, which
 * tells the two apart; so anything that libjpeg would as much as warn of is refused.
 */
export function refuse(): void {
  unreachable();
}
