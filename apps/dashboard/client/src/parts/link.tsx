import type { ComponentChildren, JSX } from 'preact';
import { addressWith, setParams } from '../state/url-state.ts';

interface LinkProps {
  /** Fields of the address that it changes. */
  to: Record<string, string>;
  class?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A link within the page: it opens in a new tab like any other, and without a reload otherwise. */
export function Link({ to, current = false, children, ...rest }: LinkProps): JSX.Element {
  return (
    <a
      {...rest}
      href={addressWith(to)}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        setParams(to, { step: true });
      }}
    >
      {children}
    </a>
  );
}
