import { planPower } from '../power/plan-power.ts';
import type { PowerOptions } from '../power/power-options.ts';
import { powerText } from '../power/power-text.ts';
import { resultWidth } from '../terminal/result-width.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres power`, as the command line gives them. */
export interface PowerCommandOptions extends PowerOptions {
  json?: boolean;
}

/** Prints which differences a planned comparison can show, and what a difference needs. */
export async function power(run: string | undefined, options: PowerCommandOptions): Promise<void> {
  const result = await planPower(run, options);
  new Terminal().result(options.json ? JSON.stringify(result) : powerText(result, resultWidth()));
}
