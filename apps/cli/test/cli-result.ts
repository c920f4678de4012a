/** What a command printed, and the code that it ended with. */
export interface CliResult {
  /** Null when the test has killed it. */
  code: number | null;
  stdout: string;
  stderr: string;
}
