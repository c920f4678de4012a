import { type ModelName, stemWidths } from '@fixres/models/names';
import { fixresPresets } from './fixres-experiment.ts';
import type { PresetName } from './names.ts';

/**
 * Stem width of a model within a preset: the width of the preset, scaled by the published width of
 * each architecture.
 */
export function presetWidth(preset: PresetName, model: ModelName): number {
  const base = fixresPresets[preset];
  return Math.round((base.width / stemWidths[base.model]) * stemWidths[model]);
}
