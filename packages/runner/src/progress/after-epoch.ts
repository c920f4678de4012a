/**
 * Point in the training, for messages: `After epoch 2`.
 *
 * @param epoch the last trained epoch, 0-based; -1 for an arm without epochs
 */
export function afterEpoch(epoch: number): string {
  return epoch < 0 ? 'Before training' : `After epoch ${epoch + 1}`;
}
