/** The smallest true difference that a comparison could have found, in points; 1 means none. */
export function detectableText(smallest: number): string {
  return smallest < 1 ? (smallest * 100).toFixed(1) : 'none';
}

/** @param images as in `367 held-out images` */
export function likelyMissed(smallest: number, images: string): string {
  return smallest < 1
    ? `Differences under about ${detectableText(smallest)} points are likely to be missed with ${images}.`
    : `With ${images}, no difference could be shown.`;
}
