// What a step of several processes costs: computing, and a ring all-reduce of the gradients in the
// alpha-beta model of Thakur, Rabenseifner and Gropp, "Optimization of collective communication
// operations in MPICH" (2005): a message of m bytes takes alpha + m * beta.

/** Bytes of gradients that travel together, as in fixres's `Reducer`. */
const BUCKET = 4 * 2 ** 21;

/**
 * Seconds of a ring all-reduce: reduce-scatter and all-gather, each of n - 1 messages of 1/n of the
 * bytes. Adding the numbers counts as part of the transfer.
 *
 * @param link `latency` in seconds, `bandwidth` in bytes a second
 */
export function allReduceSeconds({ latency, bandwidth }, { processes, bytes }) {
  const messages = 2 * (processes - 1);
  return messages * latency + (messages / processes) * (bytes / bandwidth);
}

/**
 * The link for which the relative differences from measured all-reduces are smallest, by least squares.
 *
 * @param times `{ processes, bytes, seconds }` of at least two numbers of bytes
 */
export function fittedLink(times) {
  // seconds = a * latency + b / bandwidth; divided by seconds, all equations weigh the same.
  const rows = times.map(({ processes, bytes, seconds }) => {
    const messages = 2 * (processes - 1);
    return [messages / seconds, ((messages / processes) * bytes) / seconds];
  });
  const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
  const [aa, ab, bb] = [sum(([a]) => a * a), sum(([a, b]) => a * b), sum(([, b]) => b * b)];
  const [ay, by] = [sum(([a]) => a), sum(([, b]) => b)];
  const determinant = aa * bb - ab * ab;
  const latency = (ay * bb - by * ab) / determinant;
  // Of a link without latency, only the bandwidth is fitted.
  return latency > 0
    ? { latency, bandwidth: determinant / (by * aa - ay * ab) }
    : { latency: 0, bandwidth: bb / by };
}

/**
 * The same link with a network between the processes: each byte takes the time of the programs, which
 * copy it, and after it that of the network.
 *
 * @param bandwidth of the network, in bytes a second
 */
export function throughNetwork(link, bandwidth) {
  return { ...link, bandwidth: 1 / (1 / link.bandwidth + 1 / bandwidth) };
}

/**
 * Seconds of a training step. Gradients travel in buckets, after each other; that some travel while
 * others are computed is left out, so a step can be faster.
 *
 * @param compute seconds of a step of one process with one thread
 * @param cores that the processes share; `Infinity` if each has its own
 */
export function stepSeconds(link, { compute, bytes, processes, cores = Infinity }) {
  const computing = compute * Math.max(1, processes / cores);
  if (processes === 1) return computing;
  const buckets = Array.from({ length: Math.ceil(bytes / BUCKET) }, (_, i) =>
    Math.min(BUCKET, bytes - i * BUCKET),
  );
  return buckets.reduce(
    (total, part) => total + allReduceSeconds(link, { processes, bytes: part }),
    computing,
  );
}
