/** Names that ops give their first output, if it is not `output`, from TensorFlow's op definitions. */
const names: Readonly<Record<string, string>> = {
  AddV2: 'z',
  Cast: 'y',
  DecodeJpeg: 'image',
  Floor: 'y',
  Less: 'z',
  Maximum: 'z',
  Minimum: 'z',
  Mul: 'z',
  Neg: 'y',
  RealDiv: 'z',
  ResizeBicubic: 'resized_images',
  ResizeBilinear: 'resized_images',
  Round: 'y',
  ScaleAndTranslate: 'resized_images',
  Sub: 'z',
  Transpose: 'y',
  TruncateDiv: 'z',
};

/** The name of an op's first output. */
export function outputArgument(op: string): string {
  return names[op] ?? 'output';
}
