import type { DeviceChoice, EngineChoice } from '@fixres/engine';

/** What computes, and where, as the command line gives it. */
export interface EngineOptions {
  engine: EngineChoice;
  device: DeviceChoice;
}
