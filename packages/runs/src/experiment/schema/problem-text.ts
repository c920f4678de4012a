import type { z } from 'zod';

/**
 * Describes the problems of a value in one line: fields by their path, what they are and what is
 * allowed. At most three problems are listed.
 */
export function problemText({ issues }: z.ZodError, value: unknown): string {
  const problems = issues.map((issue) => describe(issue, value));
  const shown = problems.slice(0, 3).join('; ');
  return problems.length > 3 ? `${shown}; and ${problems.length - 3} more` : shown;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const { path, message } = deepest(issue);
  const name = path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );
  const received = path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  return `${name === '' ? '' : `${name}${shown(received)}: `}${message.replace(/^Invalid input: /, '')}`;
}

function shown(received: unknown): string {
  // JSON has no NaN and no infinity.
  if (typeof received === 'number') return ` is ${received}`;
  const isShort = received !== undefined && (typeof received !== 'object' || received === null);
  return isShort ? ` is ${JSON.stringify(received)}` : '';
}

/** Of the alternatives of a union, the one that matched furthest is assumed. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .filter(({ length }) => length > 0)
    .map((issues) => deepest(issues[0]!));
  const most = Math.max(0, ...inner.map(({ path }) => path.length));
  const far = inner.filter(({ path }) => path.length === most);
  if (inner.length === 0) return issue;
  if (most === 0 || far.length > 1) {
    return {
      path: [...issue.path, ...(far[0]?.path ?? [])],
      message: far.map(({ message }) => message.replace(/^Invalid input: /, '')).join(', or '),
    };
  }
  return { path: [...issue.path, ...far[0]!.path], message: far[0]!.message };
}
