import type * as tfl from '@tensorflow/tfjs-layers';

const pinned = new WeakSet<tfl.LayerVariable>();

/**
 * Pins a variable's `trainable` to false and returns a function that unpins it, with the value
 * still false.
 *
 * A plain assignment does not last: compiling a `Sequential` builds a new inner model, which sets
 * the flag of every weight of its direct layers to true.
 */
export function pinFrozen(variable: tfl.LayerVariable): () => void {
  variable.trainable = false;
  Object.defineProperty(variable, 'trainable', {
    configurable: true,
    get: () => false,
    set: () => undefined,
  });
  pinned.add(variable);
  return () => {
    pinned.delete(variable);
    Reflect.deleteProperty(variable, 'trainable');
  };
}

/** Whether a freeze policy has pinned this variable. */
export function isPinned(variable: tfl.LayerVariable): boolean {
  return pinned.has(variable);
}
