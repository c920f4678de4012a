import { type ModelName, stemWidths } from '@fixres/models/names';
import { fixresPresets } from './fixres-experiment.ts';
import type { PresetName } from './names.ts';

/** Stem width of a model within a preset: another architecture is as wide as the preset's, each measured by its published width. */
export function presetWidth(preset: PresetName, model: ModelName): number {
  const base = fixresPresets[preset];
  return Math.round((base.width / stemWidths[base.model]) * stemWidths[model]);
}
