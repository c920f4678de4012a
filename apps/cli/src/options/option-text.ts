import { type ImageSize, imageSizeText } from '@fixres/data/names';

/** The value of an option as it is typed; the only objects are rectangular image sizes. */
export function optionText(value: string | boolean | ImageSize): string {
  return typeof value === 'object' ? imageSizeText(value) : String(value);
}
