import { ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Time of the forward pass, and the speed of all three beside TensorFlow's ops. */
export function speeds({ rows }) {
  return table(
    [
      'Images, size, channels',
      'TensorFlow, ms',
      'Winograd, ms',
      'Forward',
      'Gradient of images',
      'Gradient of filters',
      'Difference (RMS)',
    ],
    rows.map(({ images, size, channels, forward, inputGradient, filterGradient }) => [
      `${images}, ${size} px, ${channels}`,
      spreadText(forward.direct),
      spreadText(forward.compiled),
      ...[forward, inputGradient, filterGradient].map(({ speed }) => ratioText(speed)),
      forward.rms.toExponential(1),
    ]),
  );
}
