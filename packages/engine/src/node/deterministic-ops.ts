/**
 * Sets what TensorFlow reads when it is loaded: how many threads share the work of an op, and that ops whose result would depend on
 * the order of threads (on GPUs) be replaced or refused.
 */
export function requireDeterministicOps(threads: number): void {
  process.env.TF_DETERMINISTIC_OPS = '1';
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
}
