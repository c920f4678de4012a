/** The smallest true difference that a comparison could have found, in points; 1 stands for none. */
export function detectableText(smallest: number): string {
  return smallest < 1 ? (smallest * 100).toFixed(1) : 'none';
}

/** @param images as in `367 held-out images` */
export function likelyMissed(smallest: number, images: string): string {
  return smallest < 1
    ? `Differences under about ${detectableText(smallest)} points are likely to be missed with ${images}.`
    : `No difference could be shown with ${images}: too few.`;
}
