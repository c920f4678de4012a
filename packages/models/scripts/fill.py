"""Numbers that both sides of a test compute by the same formula; the other is test/support/fill.ts."""

import numpy as np


def mix(h):
    """MurmurHash3's finaliser on uint32 arrays."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def fill(key, size):
    """Numbers in [-1, 1) that depend only on the key and the index, float64."""
    seed = 0x811C9DC5  # FNV-1a
    for byte in key.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    index = np.arange(size, dtype=np.uint32) * np.uint32(0x9E3779B9)
    return mix(np.uint32(seed) + index).astype(np.float64) * 2.0**-31 - 1.0
