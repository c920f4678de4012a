import { type SettingRange, settingRanges } from '@fixres/runs/names';

type PresetSetting =
  'small' | 'large' | 'width' | 'epochs' | 'finetuneEpochs' | 'seedCount' | 'batchSize' | 'limit';

/** Limits of a form: the settings of a preset, and the whole numbers that are allowed. */
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
