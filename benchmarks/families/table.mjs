import { ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Step of each network in fixres, relative to Keras. */
export function networks({ rows, mode, size }) {
  return table(
    [
      'network',
      'parameters',
      `multiply-adds at ${size}`,
      `fixres, ms per ${mode === 'train' ? 'step' : 'pass'}`,
      'Keras',
      'speed',
      'memory',
    ],
    rows.map(({ network, parameters, multiplyAdds, fixres, keras, speed, memory, ...own }) => [
      `\`${network}\`${own.batch === undefined ? '' : `, batch ${own.batch}`}`,
      parameters.toLocaleString('en-US'),
      `${(multiplyAdds / 1e6).toLocaleString('en-US', { maximumFractionDigits: 0 })} million${own.size === undefined ? '' : ` at ${own.size}`}`,
      msText(fixres),
      keras && msText(keras),
      speed && ratioText(speed),
      memory && String(memory),
    ]),
  );
}

function msText({ msPerStep: { median, min, max } }) {
  return spreadText({ median, lowest: min, highest: max });
}
