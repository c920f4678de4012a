import type { RunConfig } from '@fixres/runs';
import type { FeatureSettings } from '../../cached/cache-features.ts';
import { clusterFeatureSettings } from '../session/feature-choice.ts';
import type { JoinedTraining } from './joined-training.ts';

/** How a process of a cluster caches features of frozen layers in a run. */
export function clusterFeatures(
  { features = {}, deterministic }: Pick<RunConfig, 'features' | 'deterministic'>,
  { processesHere }: Pick<JoinedTraining, 'processesHere'>,
): FeatureSettings {
  return clusterFeatureSettings(features, { deterministic, processes: processesHere });
}
