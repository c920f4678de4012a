/**
 * How the levels of a JPEG file are computed. The two differ by up to 6 of 255 levels.
 *
 * - `accurate`: libjpeg's accurate integer transform (`JDCT_ISLOW`), as in Pillow, torchvision, sharp
 *   and browsers.
 * - `tensorflow`: its fast transform (`JDCT_IFAST`), the default of `tf.io.decode_jpeg`, so of `tf.data`
 *   and `keras.utils.image_dataset_from_directory`.
 */
export type JpegDecoding = 'accurate' | 'tensorflow';

export const jpegDecodings: readonly JpegDecoding[] = ['accurate', 'tensorflow'];
