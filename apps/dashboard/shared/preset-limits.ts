import { type SettingRange, settingRanges } from '@fixres/runs/names';

type PresetSetting =
  | 'small'
  | 'large'
  | 'width'
  | 'epochs'
  | 'finetuneEpochs'
  | 'seedCount'
  | 'batchSize'
  | 'limit';

/** Limits of the form: the settings of a preset, and their allowed whole numbers. */
export const presetLimits: Readonly<Record<PresetSetting, SettingRange>> = {
  small: settingRanges.modelSide,
  large: settingRanges.modelSide,
  width: settingRanges.width,
  epochs: settingRanges.epochs,
  finetuneEpochs: settingRanges.epochs,
  seedCount: settingRanges.seedCount,
  batchSize: settingRanges.batchSize,
  limit: settingRanges.images,
};
