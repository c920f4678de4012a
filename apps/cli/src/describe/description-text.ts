import type { Costs, ModelDescription } from '@fixres/models';
import { counted, megabytes, textTable } from '@fixres/runs/report';
import { grouped } from '../terminal/grouped.ts';

/**
 * A description as text: a table of the groups or of all layers, and the meaning of its numbers.
 */
export function descriptionText(
  description: ModelDescription,
  { layers }: { layers: boolean },
): string {
  const { name, inputShapes, groups, unknownLayers, inferencePeakBytes } = description;
  const title = `${name}, ${inputShapes.map((shape) => shape.join(' x ')).join(' and ')}`;
  const parts = [title];
  if (layers) {
    const rows = description.layers.map((layer) => [
      layer.path,
      layer.className,
      layer.outputShape.join(' x '),
      ...numbers(layer),
    ]);
    parts.push(textTable(['layer', 'kind', 'output', ...TITLES], rows, [3, 4, 5, 6]));
  }
  const rows = groups.map((group) => [group.name, String(group.layers.length), ...numbers(group)]);
  rows.push(['all', String(description.layers.length), ...numbers(description)]);
  parts.push(textTable(['group', 'layers', ...TITLES], rows, [1, 2, 3, 4, 5]));
  const { parameters, trainableParameters } = description;
  parts.push(
    [
      `${grouped(trainableParameters)} of ${grouped(parameters)} parameters train. A forward pass needs ${memory(inferencePeakBytes)} for outputs at its peak.`,
      'A multiply-add is a product that is added up, in convolutions, dense layers and attention; many papers call their number FLOPs, profilers',
      'count two for each. Memory is for one image in float32; "for gradient" is what a training step keeps of it at least.',
    ].join('\n'),
  );
  if (unknownLayers.length > 0) {
    const list = unknownLayers.map(({ path, className }) => `${path} (${className})`).join(', ');
    parts.push(
      `The multiply-adds of ${counted(unknownLayers.length, 'layer')} of unknown kind are missing: ${list}.`,
    );
  }
  return parts.join('\n\n');
}

const TITLES = ['parameters', 'multiply-adds', 'outputs', 'for gradient'];

function numbers({ parameters, multiplyAdds, outputBytes, trainingBytes }: Costs): string[] {
  return [grouped(parameters), millions(multiplyAdds), memory(outputBytes), memory(trainingBytes)];
}

/** `300774272` -> `300.8 M` */
function millions(value: number): string {
  return `${(value / 1e6).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} M`;
}

/** `602112` -> `0.6 MB` */
function memory(bytes: number): string {
  return bytes < 100e6 ? `${(bytes / 1e6).toFixed(1)} MB` : megabytes(bytes / 1e6);
}
