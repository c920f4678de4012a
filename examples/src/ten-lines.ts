// From a folder of photos to a fine-tuned model and its predictions:
//
//   node dist/ten-lines.js PHOTOS IMAGE...
import { finetune, predict, train } from 'fixres';

const [dataset = 'photos', ...images] = process.argv.slice(2);
const settings = { dataset, model: 'resnet14v2', width: 16 } as const;
const small = await train({ ...settings, imageSize: 64, epochs: 12 });
const tuned = await finetune({ dataset, model: small.folder, imageSize: 88, epochs: 5 });
const [given, finetuned] = tuned.summary.arms.map((arm) => arm.evaluations[arm.ownEvaluation]!);
console.log(
  `held-out accuracy: ${given!.accuracy.toFixed(3)}, tuned: ${finetuned!.accuracy.toFixed(3)}`,
);
for (const result of await predict({ model: tuned.folder, arm: 'finetuned', images }))
  console.log(result.file, 'error' in result ? result.error : result.top[0]!.label);
