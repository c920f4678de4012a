import type { LayerTranslator } from '../layer-call.ts';
import { activationLayers } from './activation-layers.ts';
import { attentions } from './attention.ts';
import { convolutions } from './convolutions.ts';
import { merges } from './merges.ts';
import { normalisations } from './normalisations.ts';
import { poolings } from './pooling.ts';
import { resizings } from './resizing.ts';
import { shapes } from './shapes.ts';

/** By class name. Layers of other classes are refused. */
export const translators: Readonly<Record<string, LayerTranslator>> = {
  ...activationLayers,
  ...attentions,
  ...convolutions,
  ...merges,
  ...normalisations,
  ...poolings,
  ...resizings,
  ...shapes,
};
