// What a step of several processes costs: computing, and ring all-reduces of the gradients in the
// alpha-beta model of Thakur, Rabenseifner and Gropp, "Optimization of collective communication
// operations in MPICH" (2005): a message of m bytes takes alpha + m * beta. A message between processes
// is work for their cores too: programs and kernel copy it, and add its numbers. Where processes share
// cores, it waits for them like any other work.

/** Bytes of gradients that travel together, as in fixres's `Reducer`. */
const BUCKET = 4 * 2 ** 21;

/** Bytes of each all-reduce. */
function bucketsOf(bytes) {
  return Array.from({ length: Math.max(1, Math.ceil(bytes / BUCKET)) }, (_, i) =>
    Math.min(BUCKET, bytes - i * BUCKET),
  );
}

/** How many times as long work takes that processes do at the same time. */
function turns({ processes, cores = Infinity }) {
  return Math.max(1, processes / cores);
}

/**
 * Seconds of ring all-reduces, one after another for each bucket: reduce-scatter and all-gather, each of
 * n - 1 messages of 1/n of the bytes. Adding the numbers counts as part of the transfer.
 *
 * @param link `latency` in seconds and `bandwidth` in bytes a second, of processes with a core each; and
 * `network`, the bandwidth of a network between them
 * @param cores that the processes share; `Infinity`, the default, if each has its own
 */
export function allReduceSeconds({ latency, bandwidth, network = Infinity }, { bytes, ...place }) {
  const { processes } = place;
  const messages = 2 * (processes - 1);
  const seconds = (part) =>
    messages *
    (turns(place) * (latency + part / processes / bandwidth) + part / processes / network);
  return bucketsOf(bytes).reduce((sum, part) => sum + seconds(part), 0);
}

/**
 * The link for which the relative differences from measured all-reduces are smallest, by least squares.
 *
 * @param times `{ processes, cores, bytes, seconds }` of at least two numbers of bytes
 */
export function fittedLink(times) {
  // seconds = a * latency + b / bandwidth; divided by seconds, all equations weigh the same.
  const rows = times.map(({ bytes, seconds, ...place }) => {
    const messages = 2 * (place.processes - 1) * turns(place);
    return [
      (messages * bucketsOf(bytes).length) / seconds,
      ((messages / place.processes) * bytes) / seconds,
    ];
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
  return { ...link, network: bandwidth };
}

/**
 * Seconds of a training step. That some gradients travel while others are computed is left out, so a
 * step can be faster.
 *
 * @param compute seconds of a step of one process with one thread
 * @param cores as in {@link allReduceSeconds}
 */
export function stepSeconds(link, { compute, bytes, ...place }) {
  const computing = compute * turns(place);
  return place.processes === 1
    ? computing
    : computing + allReduceSeconds(link, { bytes, ...place });
}
