/** What a command line has printed, and how it has ended. */
export interface CliResult {
  /** Null when the test has killed it. */
  code: number | null;
  stdout: string;
  stderr: string;
}
