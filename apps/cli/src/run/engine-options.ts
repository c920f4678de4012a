import type { DeviceChoice, EngineChoice } from '@fixres/engine';

/** Engine and device, as the command line gives them. */
export interface EngineOptions {
  engine: EngineChoice;
  device: DeviceChoice;
}
