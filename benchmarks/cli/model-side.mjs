// Saves ResNet50V2 for 224 pixels with random weights. Arguments: a folder, and the channels of the stem.
import { namedPolicy, preprocessingContract, unscaled } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { resNet50V2 } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';

const [folder, width] = process.argv.slice(2);
await useEngine({ engine: 'wasm' });
const rescaling = { scale: 1 / 127.5, offset: -1 };
const model = resNet50V2({ classes: 5, width: Number(width), rescaling });
const policy = namedPolicy('resize', { size: 224 });
const contract = preprocessingContract(policy, { normalisation: unscaled });
await saveModelFolder(model, folder, { version: 1, contract });
