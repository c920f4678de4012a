/** An RGB image: `data` holds height x width x 3 levels of 0..255, row by row. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}
