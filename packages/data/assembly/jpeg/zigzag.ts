/** Place in the block, row by row, of each coefficient in the order in which they are stored. ITU T.81 figure 5. */
const order = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

/** Address of the coefficient number `k`, 0 to 63, of a block. */
// @ts-ignore: decorator
@inline
export function coefficientAt(block: usize, k: i32): usize {
  return block + (<usize>load<u8>(order + <usize>k) << 1);
}
