/** What an input for an image size accepts, as attributes of the element. */
export const sizeInput = {
  type: 'text',
  pattern: String.raw`\d+(x\d+)?`,
  title: 'pixels of a square, or height x width: 192x256',
} as const;
