export { defaultCacheFolder } from './cache-folder.ts';
export {
  type DeviceChoice,
  deviceChoices,
  type EngineChoice,
  type EngineInfo,
  type EngineName,
  engineChoices,
} from './engine-name.ts';
export { FixresEngineError, type FixresEngineErrorCode } from './errors.ts';
export { releaseFreeMemory } from './native/keep-memory.ts';
export { remoteDataSettings, type RemoteDataSettings } from './remote-data.ts';
export { requireEngine, useEngine, type UseEngineOptions } from './use-engine.ts';
