/** No permission to write, no space, or no folder where one should be. */
const codes: readonly string[] = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EEXIST',
  'EFBIG',
];

/** Whether the system refused to write. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
