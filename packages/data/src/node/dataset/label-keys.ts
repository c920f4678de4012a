/** Names of the column or key with all labels of an image, the most likely first. */
export const severalLabelKeys: readonly string[] = ['labels', 'label', 'classes', 'class', 'tags'];
