import {
  contractPolicy,
  fixresTest,
  parsePreprocessingContract,
  resize,
  resizeFlip,
} from '@fixres/data';
import { parseModelCard } from '@fixres/models';
import { describe, expect, it } from 'vitest';
import { armCard, newArchitecture } from './arm-card.ts';

const model = { name: 'resnet14v2', width: 16 } as const;

describe('armCard', () => {
  it('describes how to create and use the model, and survives a file', () => {
    const testPolicy = fixresTest({ size: 112, trainSize: 64 });
    const card = armCard({ testPolicy }, ['a', 'b'], newArchitecture(model, 2));
    expect(parseModelCard(JSON.parse(JSON.stringify(card)), 'model.json')).toEqual(card);
    expect(card).toMatchObject({
      architecture: { name: 'resnet14v2', options: { classes: 2, width: 16 } },
      classNames: ['a', 'b'],
    });
    const contract = parsePreprocessingContract(card.contract);
    expect(contractPolicy(contract, testPolicy.name)).toMatchObject({
      output: testPolicy.output,
      steps: [{ op: 'resize', width: 196 }, { op: 'centerCrop' }],
    });
    // The model contains a layer that scales pixels.
    expect(contract.normalisation).toEqual({ kind: 'scale', scale: 1, offset: 0 });
  });

  it('refuses a test policy that is not a policy', () => {
    expect(() => armCard({ testPolicy: resizeFlip(64) }, ['a'], undefined)).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
    expect(armCard({ testPolicy: resize(64) }, ['a'], undefined).contract).toMatchObject({
      input: { width: 64, height: 64 },
    });
  });
});
