import { Document } from 'yaml';
import type { Fields } from '../../fields.ts';

/**
 * An experiment as YAML text, which `readExperimentFile` reads.
 *
 * @param comment lines before it, without `#`
 */
export function experimentYaml(experiment: Fields, comment: string): string {
  // Equal policies are written out each time: an alias would hide what an arm has.
  const document = new Document(experiment, { aliasDuplicateObjects: false });
  document.commentBefore = comment.replaceAll(/^/gm, ' ');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
