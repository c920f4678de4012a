import { FixresDataError } from '../../errors.ts';
import type { ImageDataset } from '../dataset/dataset.ts';

const GROUP = '{group}';

/**
 * Groups images by a part of their ids. In a pattern, `{group}` stands for the name of the group and
 * `*` for any text; each ends at the first place where what follows it in the pattern follows. An id
 * that does not match is an image of its own.
 *
 * @param pattern for the whole id, as in `roses-{group}_*.jpg`
 * @throws FixresDataError `bad-option` for a pattern without exactly one `{group}` between other text,
 * or that matches no id
 */
export function withNamedGroups(dataset: ImageDataset, pattern: string): ImageDataset {
  const tokens = pattern.split(/(\*|\{group\})/).filter((token) => token !== '');
  const isWild = (token: string | undefined): boolean => token === '*' || token === GROUP;
  const touches = tokens.some((token, i) => isWild(token) && isWild(tokens[i + 1]));
  if (tokens.filter((token) => token === GROUP).length !== 1 || touches) {
    const message = `Pattern "${pattern}" of groups must contain {group} once, and text between it and each *, as in */{group}_*.jpg.`;
    throw new FixresDataError('bad-option', message);
  }
  let matched = 0;
  const examples = dataset.examples.map((example) => {
    const group = matchedGroup(tokens, example.id);
    if (group === undefined) return example;
    matched++;
    return { ...example, group };
  });
  if (matched > 0) return { ...dataset, examples };
  const message = `Pattern "${pattern}" of groups matches no image of "${dataset.name}"; an image is named like ${dataset.examples[0]?.id ?? ''}.`;
  throw new FixresDataError('bad-option', message);
}

function matchedGroup(tokens: readonly string[], id: string): string | undefined {
  let at = 0;
  let group: string | undefined;
  for (const [i, token] of tokens.entries()) {
    if (token !== '*' && token !== GROUP) {
      if (!id.startsWith(token, at)) return undefined;
      at += token.length;
      continue;
    }
    const next = tokens[i + 1];
    // Only the end of the pattern must be the end of the id.
    const end =
      next === undefined
        ? id.length
        : i + 2 === tokens.length
          ? id.length - next.length
          : id.indexOf(next, at);
    if (end < at || (token === GROUP && end === at)) return undefined;
    if (token === GROUP) group = id.slice(at, end);
    at = end;
  }
  return at === id.length ? group : undefined;
}
