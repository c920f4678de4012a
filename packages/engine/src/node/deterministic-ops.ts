/** Makes TensorFlow choose kernels whose results do not depend on the order of threads. It reads this when it is loaded. */
export function requireDeterministicOps(): void {
  process.env.TF_DETERMINISTIC_OPS = '1';
}
