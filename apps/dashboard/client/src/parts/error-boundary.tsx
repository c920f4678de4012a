import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';

/**
 * Shows the error if a part of the page fails, so that the rest stays usable.
 *
 * @param view name of the content; another name resets the error
 */
export function ErrorBoundary({
  view,
  children,
}: {
  view: string;
  children: ComponentChildren;
}): JSX.Element {
  const [error, tryAgain] = useErrorBoundary() as [unknown, () => void];
  useEffect(tryAgain, [view]);
  if (error === undefined || error === null) return <>{children}</>;
  return (
    <div class="card empty" role="alert">
      <p>This view cannot be shown: {error instanceof Error ? error.message : 'unknown error'}</p>
      <p class="tools">
        <button onClick={tryAgain}>Try again</button>
        <a class="button" href="/">
          Reset the page
        </a>
      </p>
    </div>
  );
}
