import { type ExifData, exifEntry, openExif } from './exif-directory.ts';

/** When and with what a photo was taken. */
export interface Capture {
  /** Manufacturer, model and, if the file has it, serial number of the camera. */
  camera: string;
  /** Seconds since 1970 on the camera's own clock, which knows no time zone. */
  seconds: number;
}

const MAKE = 0x010f;
const MODEL = 0x0110;
const EXIF_DIRECTORY = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;
const BODY_SERIAL_NUMBER = 0xa431;
const ASCII = 2;
const LONG = 4;
/** Longer texts are no names. */
const MOST_TEXT = 256;

/**
 * Camera and time of a photo from EXIF data that starts with its TIFF header: `Make`, `Model`,
 * `BodySerialNumber` and `DateTimeOriginal` of the Exif standard (CIPA DC-008).
 *
 * @returns undefined without a camera or a valid time; damaged data is treated as missing
 */
export function exifCapture(tiff: Uint8Array): Capture | undefined {
  const exif = openExif(tiff);
  const pointer = exif && exifEntry(exif, exif.first, EXIF_DIRECTORY);
  if (!exif || pointer?.type !== LONG || pointer.count !== 1) return undefined;
  const photo = exif.bytes.getUint32(pointer.at, exif.little);
  const camera = [
    text(exif, exif.first, MAKE),
    text(exif, exif.first, MODEL),
    text(exif, photo, BODY_SERIAL_NUMBER),
  ].filter((part) => part !== '');
  const seconds = secondsOf(text(exif, photo, DATE_TIME_ORIGINAL));
  return camera.length > 0 && seconds !== undefined
    ? { camera: camera.join(' '), seconds }
    : undefined;
}

/** The text of an entry up to its first NUL; empty if there is none. */
function text(exif: ExifData, directory: number, tag: number): string {
  const { bytes, little } = exif;
  const entry = exifEntry(exif, directory, tag);
  if (entry?.type !== ASCII || entry.count > MOST_TEXT) return '';
  const start = entry.count <= 4 ? entry.at : bytes.getUint32(entry.at, little);
  if (start + entry.count > bytes.byteLength) return '';
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + start, entry.count);
  return content.toString('latin1').split('\0')[0]!.trim();
}

/** Of a time as EXIF writes it, `2026:07:24 10:11:12`. Cameras without a set clock write zeros. */
function secondsOf(time: string): number | undefined {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(time);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isReal =
    year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60;
  return isReal && second < 60
    ? Date.UTC(year, month - 1, day, hour, minute, second) / 1000
    : undefined;
}
