import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { type ClassList, readClassList, readClassNames } from './class-list.ts';

const read = async (name: string, text: string): Promise<ClassList> => {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, text);
  return readClassList(file);
};

describe('a text file of class names', () => {
  it('has one name per line, with any line ending and with or without a final one', async () => {
    expect(await read('names.txt', '\ufeffdaisy\r\n rose \r\ncafe\u0301\n\n \n')).toEqual({
      classNames: ['daisy', 'rose', 'caf\u00e9'],
    });
  });

  it('has no empty lines between names, and no duplicate names', async () => {
    await expect(read('names.txt', 'daisy\n\nrose\n')).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(
        /^Line 2 of the class names in ".*names\.txt" is empty; each names a class\./,
      ) as string,
    });
    await expect(read('names.txt', 'daisy\nrose\ndaisy ')).rejects.toThrow(
      /Line 3 .* is "daisy" again, as line 1; every class has a name of its own\./,
    );
    await expect(read('names.txt', '')).rejects.toThrow('Line 1');
    await expect(readClassNames(join(await temporaryFolder(), 'none'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a JSON file of class names', () => {
  it.each([
    ['["tench", "goldfish"]', undefined],
    ['{"1": "goldfish", "0": "tench"}', undefined],
    ['{"goldfish": 1, "tench": 0}', undefined],
    ['{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}', ['n01440764', 'n01443537']],
  ])('is read as Keras, PyTorch and the Hugging Face Hub write it: %s', async (text, classIds) => {
    expect(await read('class_index.json', text)).toEqual({
      classNames: ['tench', 'goldfish'],
      ...(classIds && { classIds }),
    });
  });

  it('may have one name for several classes with ids, as ImageNet has', async () => {
    const text =
      '{"0": ["n02012849", "crane"], "1": ["n03126707", "crane"], "2": ["n01440764", "tench"]}';
    expect((await read('class_index.json', text)).classNames).toEqual([
      'crane (n02012849)',
      'crane (n03126707)',
      'tench',
    ]);
  });

  it.each([
    ['{', /The class names in ".*x\.json" are not \["name", …\], .* with all numbers from 0\./],
    ['{}', /are not/],
    ['7', /are not/],
    ['{"0": "a", "2": "b"}', /are not/],
    ['{"a": 0, "b": 0}', /are not/],
    ['{"0": "a", "1": ["b", "c"]}', /are not/],
    ['{"0": ["a", "b", "c"]}', /are not/],
    ['["a", ""]', /Class 1 of the class names in ".*" is empty/],
    ['{"0": ["n1", "a"], "1": ["n1", "b"]}', /Class 1 .* is "n1" again, as class 0/],
  ])('is refused with a reason: %s', async (text, message) => {
    await expect(read('x.json', text)).rejects.toThrow(message);
  });
});

it('a table of class names has ids and names, as Open Images has', async () => {
  const list = { classNames: ['Tortoise', 'Container'], classIds: ['/m/011k07', '/m/011q46kg'] };
  const rows = '/m/011k07,Tortoise\n/m/011q46kg,Container\n';
  expect(await read('class-descriptions.csv', rows)).toEqual(list);
  expect(await read('class-descriptions.csv', `LabelName,DisplayName\n${rows}`)).toEqual(list);
  await expect(read('x.csv', 'a,b,c\n')).rejects.toThrow(
    /have 3 columns; expected the id and the name of each class/,
  );
  await expect(read('x.csv', '')).rejects.toThrow('have 0 columns');
  await expect(read('x.csv', 'a,\n')).rejects.toThrow(/Line 1 of the class names .* is empty/);
});
