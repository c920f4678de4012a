/** An RGB image: `data` contains height x width x 3 levels of 0..255, row by row. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}
