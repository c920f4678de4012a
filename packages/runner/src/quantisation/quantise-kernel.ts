/**
 * The largest whole number of a bias, half of what 32 bits represent: the scale of a channel with
 * almost no weights is as large as its bias needs.
 */
const LARGEST_BIAS = 2 ** 30;

export interface KernelToQuantise {
  data: Float32Array;
  dims: readonly number[];
  /** Index of the dimension of the output channels. */
  axis: number;
  /** One number per output channel. */
  bias?: Float32Array | undefined;
  /** The scale of the numbers that the kernel is multiplied with. */
  inputScale: number;
  /** The largest whole number of the kernel, at most 127. */
  largest: number;
}

/** A kernel is `scales[channel] * data`, and a bias `inputScale * scales[channel] * bias`. */
export interface QuantisedKernel {
  data: Int8Array;
  scales: Float32Array;
  bias?: Int32Array;
}

/** Rounds a kernel to 8 bits, symmetrically, with a scale per output channel. */
export function quantiseKernel({
  data,
  dims,
  axis,
  bias,
  inputScale,
  largest,
}: KernelToQuantise): QuantisedKernel {
  const channels = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((product, side) => product * side, 1);
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  const most = new Float64Array(channels);
  for (const [i, value] of data.entries())
    most[channelOf(i)] = Math.max(most[channelOf(i)]!, Math.abs(value));
  const scales = Float32Array.from(most, (value, i) => {
    const least = Math.abs(bias?.[i] ?? 0) / (LARGEST_BIAS * inputScale);
    return Math.max(value / largest, least) || 1;
  });
  return {
    data: Int8Array.from(data, (value, i) => Math.round(value / scales[channelOf(i)]!)),
    scales,
    ...(bias && {
      bias: Int32Array.from(bias, (value, i) => Math.round(value / (scales[i]! * inputScale))),
    }),
  };
}
