import { type Command, Option } from 'commander';
import type { InitOptions } from './commands/init.ts';
import { DATASET, jsonOption } from './common-options.ts';
import { part, wholeNumber } from './option-types.ts';

/** Adds `init`. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write an experiment file with comments. On a terminal it asks for what no option says.')
    .argument('[file]', 'the file', 'experiment.yaml')
    .option('--dataset <dataset>', DATASET)
    .addOption(new Option('--preset <name>', 'the experiment, by default quick').choices(['quick', 'keras', 'paper', 'matched']))
    .option('--model <name>', 'architecture, by default the preset\'s, for example resnet14v2, resnet50v2 or mobilenetv2')
    .option('--width <channels>', 'stem width of the model; the other layers follow', wholeNumber)
    .option('--small <pixels>', 'small training size', wholeNumber)
    .option('--large <pixels>', 'large training and fine-tuning size', wholeNumber)
    .option('--epochs <n>', 'epochs from scratch', wholeNumber)
    .option('--finetune-epochs <n>', 'epochs of fine-tuning', wholeNumber)
    .option('--seeds <n>', 'number of runs with different seeds, by default 1', wholeNumber)
    .option('--batch <images>', 'images in a step', wholeNumber)
    .option('--limit <images>', 'use only this many images', wholeNumber)
    .option('--held-out <part>', 'part of the images to hold out, by default 0.1', part)
    .option('--yes', 'do not ask; what no option says is as by default')
    .option('--force', 'write over a file that is there')
    .addOption(jsonOption('the file\'s name and the experiment'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres init\n  fixres init flowers.yaml --dataset tf_flowers --preset keras --seeds 3 --yes\n' +
        '  fixres init small.yaml --dataset synthetic --small 32 --large 48 --epochs 2 --finetune-epochs 1 --yes --force',
    )
    .action(async (file: string, options: InitOptions) => {
      const { init } = await import('./commands/init.ts');
      await init(file, options);
    });
}
