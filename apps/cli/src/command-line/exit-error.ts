/** Exit codes of the command line. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130, preempted: 85 } as const;

/** Ends the program with an exit code and one line on stderr; caught only in `main.ts`. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
