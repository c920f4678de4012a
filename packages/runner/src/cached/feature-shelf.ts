import type { FeatureStore } from '@fixres/finetune';

/** Features that an arm has left for others. */
export interface ShelvedFeatures {
  store: FeatureStore;
  /** The arm that computed them first. */
  arm: string;
}

/**
 * Where arms of a run leave their features for later ones that are initialised from the same
 * weights and see the same views.
 */
export class FeatureShelf {
  readonly #features = new Map<string, ShelvedFeatures>();

  /** Removes features and passes their ownership to the caller. */
  take(key: string): ShelvedFeatures | undefined {
    const found = this.#features.get(key);
    this.#features.delete(key);
    return found;
  }

  put(key: string, features: ShelvedFeatures): void {
    this.#features.set(key, features);
  }

  /**
   * Disposes all features except those under these keys, because they take memory or disk that
   * later arms need.
   */
  async keepOnly(keys: readonly string[]): Promise<void> {
    for (const [key, { store }] of [...this.#features]) {
      if (keys.includes(key)) continue;
      this.#features.delete(key);
      await store.dispose();
    }
  }

  dispose(): Promise<void> {
    return this.keepOnly([]);
  }
}
