import { runProgram } from './run-program.ts';

/**
 * The result of `npm audit`: packages with severe advisories, or the reason why there is no result.
 */
export type Audit = { severe: string[] } | { unavailable: string };

interface AuditReport {
  message?: string;
  vulnerabilities?: Record<string, { severity: string }>;
}

/**
 * Asks the registry for advisories on the installed production dependencies of a project.
 *
 * @param registry used instead of the user's registry
 * @returns the packages with high or critical advisories
 */
export async function auditProject(folder: string, registry?: string): Promise<Audit> {
  const args = [
    'audit',
    '--omit=dev',
    '--json',
    ...(registry === undefined ? [] : [`--registry=${registry}`]),
  ];
  // The exit code is also 1 if there are advisories.
  const printed = await runProgram('npm', args, { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout?: string }).stdout ?? '',
  );
  const report = JSON.parse(printed || '{}') as AuditReport;
  if (!report.vulnerabilities) return { unavailable: reasonIn(report.message) };
  return {
    severe: Object.entries(report.vulnerabilities)
      .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
      .map(([name, { severity }]) => `${name} (${severity})`),
  };
}

/** The status or the system's code in a message of npm, without the name of the registry. */
function reasonIn(message = ''): string {
  return /^\d{3}[^-]*\b|\bE[A-Z]{3,}\b/.exec(message)?.[0] ?? 'npm audit gave no report';
}
