const IMAGE_URI = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+$/;

/**
 * Accepts only pictures that are part of the report, so that the report never loads from elsewhere.
 *
 * @param part of the input, for the message
 * @throws TypeError if it is not a base64 data URI of an image
 */
export function checkedDataUri(dataUri: string, part: string, label: string): string {
  if (IMAGE_URI.test(dataUri)) return dataUri;
  throw new TypeError(
    `${part}: the picture "${label}" must be a base64 data URI of an image, got "${dataUri.slice(0, 40)}".`,
  );
}
