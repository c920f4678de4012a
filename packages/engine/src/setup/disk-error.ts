/** No permission, no space, or a file in place of a folder. */
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

/** Whether an error means that the system could not write to the disk. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
