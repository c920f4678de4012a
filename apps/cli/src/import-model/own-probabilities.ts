/** What an imported multi-label model predicts. */
export const ownProbabilities =
  'Each class has a probability of its own, by a sigmoid: an image has every class whose probability is at least 0.5.';
