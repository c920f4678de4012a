import { ratioText, table } from '../docs/markdown.mjs';

/**
 * The networks that packages/models/scripts/check-applications.py compared with Keras, and their training
 * steps in `pnpm bench families`.
 *
 * @param families results of training steps; of several for one network, the first counts
 */
export function networks({ rows }, ...families) {
  const steps = families.flatMap(({ size, batch, rows: measured }) =>
    measured.map((row) => ({ size, batch, ...row })),
  );
  return table(
    [
      'network',
      'largest difference of a probability',
      'at a larger size',
      'parameters',
      'multiply-adds at 224',
      'training step: times the speed of Keras',
      'takes',
      'scaling',
      'groups',
    ],
    rows.map(({ network, differences, parameters, multiplyAdds, anySize, scaling, groups }) => {
      const [own, larger] = Object.entries(differences).map(
        ([size, difference]) => `${difference.toExponential(0)} at ${size}`,
      );
      return [
        `\`${network}\``,
        own,
        larger,
        parameters.toLocaleString('en-US'),
        `${Math.round(multiplyAdds / 1e6).toLocaleString('en-US')} million`,
        stepText(steps.find((step) => step.network === network && step.speed !== undefined)),
        anySize ? 'any size' : `${Object.keys(differences)[0]} pixels`,
        scaling === null ? 'its own' : `\`${scaling}\``,
        groups.join(', '),
      ];
    }),
  );
}

function stepText(step) {
  if (step === undefined) return undefined;
  const { size, fixres, keras, speed } = step;
  const ms = ({ msPerStep: { median } }) => median.toFixed(0);
  return `${ratioText(speed)} at ${size} (${ms(fixres)} ms, Keras ${ms(keras)} ms)`;
}
