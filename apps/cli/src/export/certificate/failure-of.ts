import type { ExportCertificate } from './certificate.ts';

/** What a certificate shows against an export, for an error; undefined if nothing. */
export function failureOf({
  verdict,
}: Pick<ExportCertificate['verification'], 'verdict'>): string | undefined {
  if (verdict === 'different') return 'different from the model';
  return verdict === 'not verified' ? verdict : undefined;
}
