/** The output of a command and its exit code. */
export interface CliResult {
  /** Null if the test killed it. */
  code: number | null;
  stdout: string;
  stderr: string;
}
