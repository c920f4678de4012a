import { type Command, Option } from 'commander';

const batch = { '--batch': '--batch-size' };
const size = { '--size': '--image-size' };
const testPolicy = { '--policy': '--test-policy' };
const trainPolicy = { '--policy': '--train-policy' };

/** Earlier names of options and their current names, by command. */
const renamedOptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  reproduce: batch,
  init: batch,
  train: { ...trainPolicy, ...size, ...batch },
  finetune: { '--policy': '--freeze', ...size, ...batch },
  evaluate: { ...testPolicy, ...batch },
  predict: { ...testPolicy, ...size, ...batch },
  describe: size,
  plan: trainPolicy,
  preview: size,
  compare: testPolicy,
  keras: { ...testPolicy, ...size },
};

/** An option that sets another one. */
class EarlierOption extends Option {
  readonly #current: Option;

  constructor(name: string, current: Option) {
    super(current.flags.replace(current.long!, name), current.description);
    this.#current = current;
    if (current.argChoices) this.argChoices = current.argChoices;
    if (current.parseArg) this.parseArg = current.parseArg;
    this.hideHelp();
  }

  override attributeName(): string {
    return this.#current.attributeName();
  }
}

/**
 * Lets all commands accept options by their earlier names. Help and completion do not show these.
 * Each prints a line with the current name on stderr.
 */
export function addRenamedOptions(program: Command): void {
  for (const command of program.commands) {
    addRenamedOptions(command);
    for (const [name, currentName] of Object.entries(renamedOptions[command.name()] ?? {})) {
      const current = command.options.find(({ long }) => long === currentName);
      if (!current) throw new Error(`Command ${command.name()} has no option ${currentName}.`);
      const earlier = new EarlierOption(name, current);
      command.addOption(earlier);
      const given = new Set<Option>();
      for (const option of [earlier, current]) {
        command.on(`option:${option.name()}`, () => {
          if (given.add(option).size > 1)
            command.error(
              `error: option '${earlier.flags}' is the earlier name of '${current.flags}'; give one of them.`,
            );
          if (option === earlier) process.stderr.write(`${name} is now called ${currentName}.\n`);
        });
      }
    }
  }
}
