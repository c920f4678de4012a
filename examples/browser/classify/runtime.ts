import type { PreprocessingContract, RgbImage } from '@fixres/data';

/** The probability of each class for a photo: its levels, upright and in sRGB. */
export type Classify = (photo: RgbImage) => Promise<Float32Array>;

/** Loads the model of the folder `model/`, whose `fixres.json` has this contract. */
export type LoadModel = (contract: PreprocessingContract) => Promise<Classify>;
