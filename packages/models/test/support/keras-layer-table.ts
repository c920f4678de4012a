/** How a layer with some setting is loaded: as tfjs's layer, as one of our own, or rejected. */
export type LayerOutcome = 'tfjs' | 'own' | 'refused';

export interface LayerResult {
  keras: 2 | 3;
  layer: string;
  setting: string;
  outcome: LayerOutcome;
}

const HEAD = `# Layers of Keras models

Which layers of a Keras model can be loaded, from a Keras file by [\`fixres import keras\`](models.md), and from a model folder by \`loadModelFolder\` of
[@fixres/models](../packages/models/README.md) and every command that accepts one. Nothing is dropped silently: either a layer computes the same as in Keras, or the model is rejected with a line that names the layer,
what was found and what is supported. If a name stands for two formulas (\`hard_sigmoid\`), the version of Keras that wrote the model decides.

A test generates this table. It loads a small model for each entry and compares its outputs with those of Keras VERSIONS,
to 1e-5 of the largest output, on every engine. The models cover each class that tfjs-layers 4.22 registers, with each argument that affects the computation.
"A layer of our own" is a layer of this package. It replaces the tfjs layer if that one computes something else or is missing. A saved model names it (\`KerasReLU\`),
so a program without this package rejects the model instead of computing something else. The gradients of these layers are compared with Keras's as well.
The first row of a class is the layer with its defaults, or with the first of the values if an argument has no default. Each other row sets one argument,
or several arguments that are named together. Rows with numbers count models whose arguments were drawn at random. Whole networks are compared in the same way:
EfficientNetB0 and MobileNetV3Small of \`keras.applications\`, a Sequential, and one with a nested model, each from Keras 3 and from tf_keras,
and narrow ones of the families of ConvNeXtTiny, DenseNet121, EfficientNetV2B0, ResNet50, VGG16 and Xception, from Keras 3.

Other classes are rejected unless a program registers them itself (\`tf.serialization.registerClass\`). Models that tfjs wrote are read with the meaning of tfjs.

`;

const OPERATIONS = `
## Operations

In a functional model, Keras creates a layer for each operation on its tensors. Arithmetic with a number, or with one number per channel, becomes a Rescaling layer,
and \`preprocess_input\` of a network that takes blue first a layer that reverses channels and a Rescaling.

`;

/** docs/keras-layers.md */
export function layerTable(results: readonly LayerResult[], versions: string): string {
  const layers = [...new Set(results.map(({ layer }) => layer))]
    .filter((layer) => layer !== 'operations')
    .sort();
  const rows = layers.flatMap((layer) =>
    rowsOf(
      layer,
      results.filter((each) => each.layer === layer),
    ),
  );
  const operations = results
    .filter(({ layer }) => layer === 'operations')
    .map((each) => ({
      ...each,
      value: each.setting,
      outcome: each.outcome === 'own' ? 'tfjs' : each.outcome,
    }));
  const cells = (entries: readonly Entry[]): string[] =>
    (['tfjs', 'own', 'refused'] as const).map((outcome) =>
      cell(
        entries.filter((each) => each.outcome === outcome),
        entries,
      ),
    );
  const [equal, , refused] = cells(operations);
  return [
    HEAD.replace('VERSIONS', versions),
    table(
      ['layer', 'setting', 'equal, by tfjs', 'equal, by a layer of our own', 'refused'],
      rows.map(({ layer, setting, entries }) => [layer, setting, ...cells(entries)]),
    ),
    OPERATIONS,
    table(['equal', 'refused'], [[equal!, refused!]]),
  ].join('');
}

interface Entry {
  keras: 2 | 3;
  value: string;
  outcome: LayerOutcome;
}

function rowsOf(
  layer: string,
  results: readonly LayerResult[],
): { layer: string; setting: string; entries: Entry[] }[] {
  if (results.every(({ outcome }) => outcome === 'refused'))
    return [
      {
        layer,
        setting: 'all',
        entries: results.map(({ keras }) => ({ keras, value: 'defaults', outcome: 'refused' })),
      },
    ];
  const rows = new Map<string, Entry[]>();
  for (const { keras, setting, outcome } of results) {
    const [key, value] = setting.startsWith('random: ')
      ? [SEVERAL, '']
      : isTogether(setting)
        ? [TOGETHER, setting]
        : split(setting);
    rows.set(key, [...(rows.get(key) ?? []), { keras, value, outcome }]);
  }
  const last = [TOGETHER, SEVERAL];
  return [...rows]
    .sort(([a], [b]) => last.indexOf(a) - last.indexOf(b))
    .map(([setting, entries]) => ({ layer, setting, entries }));
}

const TOGETHER = 'together';
const SEVERAL = 'drawn at random';

/** Whether several arguments are set. Arguments in brackets belong to a nested layer. */
function isTogether(setting: string): boolean {
  let outside = setting;
  for (let before = ''; before !== outside;)
    [before, outside] = [outside, outside.replaceAll(/\([^()]*\)/g, '')];
  return /, \w+=/.test(outside);
}

function split(setting: string): [key: string, value: string] {
  const at = setting.indexOf('=');
  return at < 0 ? ['', 'defaults'] : [setting.slice(0, at), setting.slice(at + 1)];
}

/** Values, with the Keras version if only one of them supports the value. */
function cell(entries: readonly Entry[], all: readonly Entry[]): string {
  if (entries.every(({ value }) => value === ''))
    return entries.length === 0 ? '' : String(entries.length);
  const isOfBoth = new Set(all.map(({ keras }) => keras)).size === 2;
  const values = [...new Set(entries.map(({ value }) => value))];
  return values
    .map((value) => {
      const versions = new Set(
        entries.filter((each) => each.value === value).map(({ keras }) => keras),
      );
      const text = value === 'defaults' ? 'yes' : `\`${value}\``;
      return versions.size === 2 || !isOfBoth ? text : `${text} (Keras ${[...versions].join()})`;
    })
    .join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`.replaceAll(/ +\|/g, ' |'))
    .join('');
}
