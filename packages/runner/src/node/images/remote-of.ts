import { isRemoteAddress, type OpenDatasetOptions } from '@fixres/data/node';
import { remoteDataSettings } from '@fixres/engine';

/** How a data set at an address is reached; nothing for a path. @throws FixresEngineError `bad-option` */
export function remoteOf(dataset: string): Pick<OpenDatasetOptions, 'remote'> {
  return isRemoteAddress(dataset) ? { remote: remoteDataSettings() } : {};
}
