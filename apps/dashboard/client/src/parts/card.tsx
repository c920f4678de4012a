import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface CardProps {
  title: string;
  /** Contents of the card, in a few words next to the title. */
  note?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

/** A titled part of the page. */
export function Card({ title, note, class: more = '', children }: CardProps): JSX.Element {
  const id = useId();
  return (
    <section class={`card ${more}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="soft">{note}</span>}
      </header>
      {children}
    </section>
  );
}
