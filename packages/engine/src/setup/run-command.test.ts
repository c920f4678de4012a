import { expect, it } from 'vitest';
import { errorLine, runCommand } from './run-command.ts';

it('errorLine finds the error of a Node.js program that crashed', async () => {
  const crashed = async (program: string): Promise<string> =>
    errorLine((await runCommand(process.execPath, ['-e', program])).output);
  expect(await crashed('throw new TypeError("no host")')).toBe('TypeError: no host');
  expect(await crashed('Promise.reject(new Error("late"))')).toBe('Error: late');
  expect(await crashed('require("fs").readFileSync("nowhere")')).toBe(
    "Error: ENOENT: no such file or directory, open 'nowhere'",
  );
  expect(await crashed('console.log("one"); console.log("two"); process.exit(1)')).toBe('two');
});
