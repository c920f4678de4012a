import type { PreprocessingContract } from '@fixres/data';
import type { JsonValue, ModelCard } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cannotWrite } from '../files/cannot-write.ts';

/** Writes the folder of an imported model, with the contract under which it is used. */
export async function saveImported(
  model: LayersModel,
  out: string,
  card: {
    architecture?: ModelCard['architecture'];
    classNames: readonly string[] | undefined;
    contract: PreprocessingContract;
  },
): Promise<void> {
  const { architecture, classNames, contract } = card;
  const content: ModelCard = {
    version: 1,
    ...(architecture ? { architecture } : {}),
    ...(classNames ? { classNames: [...classNames] } : {}),
    contract: contract as unknown as JsonValue,
  };
  await saveModelFolder(model, out, content).catch((error: unknown) => {
    throw cannotWrite(out, error);
  });
}
