/** The tfjs backend that computes: native TensorFlow, WebAssembly, or plain JavaScript. */
export type EngineName = 'tensorflow' | 'wasm' | 'cpu';

/** One engine, or the best one that works on this machine. */
export type EngineChoice = 'auto' | EngineName;

/** Every valid {@link EngineChoice}, best first after `auto`. */
export const engineChoices: readonly EngineChoice[] = ['auto', 'tensorflow', 'wasm', 'cpu'];

/**
 * Where the native engine computes; the other engines only use the CPU. `auto` selects a GPU if
 * there is one.
 */
export type DeviceChoice = 'auto' | 'cpu' | 'gpu';

/** Every valid {@link DeviceChoice}. */
export const deviceChoices: readonly DeviceChoice[] = ['auto', 'cpu', 'gpu'];

/** The platforms, in Node's names, for which TensorFlow has a Python wheel with a C library. */
export const enginePlatforms = ['linux-x64', 'linux-arm64', 'darwin-arm64'] as const;

/** One of {@link enginePlatforms}. */
export type EnginePlatform = (typeof enginePlatforms)[number];

/** The engine in use and the reason; plain data that can be stored with a run. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly device: 'gpu' | 'cpu';
  /** One sentence for the user. */
  readonly reason: string;
  /** Package or library name to version, for instance `{ 'tfjs-core': '4.22.0', tensorflow: '2.21.0' }`. */
  readonly versions: Readonly<Record<string, string>>;
}
