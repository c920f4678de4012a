// An entry of its own, which loads quickly: the command line only asks whether the decoder is there.
export { jpegTurboState } from './decode/jpeg-turbo.ts';
