import { runProgram } from './run-program.ts';

/** What `npm audit` found: packages with advisories of each severity, or why it could not look. */
export type Audit = { severe: string[] } | { unavailable: string };

interface AuditReport {
  message?: string;
  vulnerabilities?: Record<string, { severity: string }>;
}

/**
 * Asks the registry for advisories on what is installed in a project, without what is for development only.
 *
 * @param registry asked instead of the user's
 * @returns the packages with high or critical ones
 */
export async function auditProject(folder: string, registry?: string): Promise<Audit> {
  const args = [
    'audit',
    '--omit=dev',
    '--json',
    ...(registry === undefined ? [] : [`--registry=${registry}`]),
  ];
  // Its exit code is 1 for advisories, too.
  const printed = await runProgram('npm', args, { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout?: string }).stdout ?? '',
  );
  const report = JSON.parse(printed) as AuditReport;
  if (!report.vulnerabilities) return { unavailable: report.message ?? 'npm audit gave no report' };
  return {
    severe: Object.entries(report.vulnerabilities)
      .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
      .map(([name, { severity }]) => `${name} (${severity})`),
  };
}
