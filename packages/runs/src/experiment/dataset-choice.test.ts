import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datasetFields, openingFields, openingOf, recordedOpening } from './dataset-choice.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../experiment.schema.json', import.meta.url), 'utf8'),
) as { $defs: Record<string, { properties?: Record<string, unknown> }> };

const opening = {
  labelKey: 'kind',
  classNames: ['cat', 'dog'],
  classIds: ['n1', 'n2'],
  multiLabel: true,
  labelSeparator: ' ',
  nestedClasses: false,
  allowOutside: true,
};

describe('the fields of a data set', () => {
  it('are those of experiment files', () => {
    const ofFile = Object.values(schema.$defs).find(
      ({ properties }) => properties !== undefined && 'source' in properties,
    );
    expect([...datasetFields].sort()).toEqual(Object.keys(ofFile!.properties!).sort());
  });

  it('open it as recorded, if their values are allowed', () => {
    const recorded = { source: 'photos', limit: 8, decode: 'accurate', ...opening };
    expect(recordedOpening(recorded)).toEqual(opening);
    expect(openingOf({ decode: 'accurate', ...opening })).toEqual(opening);
    const wrong = Object.fromEntries(openingFields.map((field) => [field, [{ nested: field }]]));
    expect(recordedOpening(wrong)).toEqual({});
    expect(recordedOpening({ labelSeparator: ';' })).toEqual({});
  });
});
