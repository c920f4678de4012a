import type { FeatureStore } from '@fixres/finetune';

/** Features that an arm has left behind. */
export interface ShelvedFeatures {
  store: FeatureStore;
  /** The arm that computed them first. */
  arm: string;
}

/** Where arms of a run leave their features for later ones that start from the same weights and see the same views. */
export class FeatureShelf {
  readonly #features = new Map<string, ShelvedFeatures>();

  /** Takes features away from here; they are the caller's then. */
  take(key: string): ShelvedFeatures | undefined {
    const found = this.#features.get(key);
    this.#features.delete(key);
    return found;
  }

  put(key: string, features: ShelvedFeatures): void {
    this.#features.set(key, features);
  }

  /** Disposes all features but those under these keys, since they take memory or disk from whatever comes next. */
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
