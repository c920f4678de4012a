import { Document } from 'yaml';
import type { Fields } from '../../fields.ts';

/**
 * An experiment as YAML that `readExperimentFile` reads.
 *
 * @param comment lines at the start, without `#`
 */
export function experimentYaml(experiment: Fields, comment: string): string {
  // Repeat equal policies: an alias would hide the settings of an arm.
  const document = new Document(experiment, { aliasDuplicateObjects: false });
  document.commentBefore = comment.replaceAll(/^/gm, ' ');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
