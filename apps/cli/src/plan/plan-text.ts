import { imageSizeText, type ResolutionPlan } from '@fixres/data';
import { percent, textTable } from '@fixres/runs/report';
import { planRows } from './plan-rows.ts';
import { planWarnings } from './plan-warnings.ts';

const ESTIMATE =
  'This is an estimate from the sizes of the images; nothing was measured. fixres plan RUN DATASET measures it with a trained model.';

/**
 * A plan as text.
 *
 * @param isMeasured whether a measurement follows, which decides
 */
export function planText(plan: ResolutionPlan, isMeasured: boolean): string {
  const rows = planRows(plan);
  const table = textTable(
    ['test policy', 'image', 'crop', 'ratio', '10 % to 90 %', 'upsampled', 'shown', 'FLOPs'],
    rows.map(
      ({
        label,
        recommended,
        imageSize,
        cropSize,
        ratio,
        upsampledShare,
        visibleShare,
        relativeFlops,
      }) => [
        `${label}${recommended ? ' *' : ''}`,
        String(imageSize),
        imageSizeText(cropSize),
        ratio.mean.toFixed(2),
        `${ratio.p10.toFixed(2)} to ${ratio.p90.toFixed(2)}`,
        percent(upsampledShare),
        percent(visibleShare),
        `${relativeFlops.toFixed(2)}x`,
      ],
    ),
    [1, 2, 3, 4, 5, 6, 7],
  );
  const { recommendation, matched } = plan;
  return [
    table,
    '',
    'ratio: apparent size of objects at test time / in training; 1 is matched. shown: part of the image inside the crop.',
    `FLOPs: by the number of pixels, relative to the train size${isMeasured ? '; those below are counted layer by layer' : ''}.`,
    `Matched: images at ${matched.imageSize}, crop ${imageSizeText(matched.cropSize)} (ratio ${matched.ratio.mean.toFixed(2)}).`,
    '',
    `* ${isMeasured ? 'Estimated' : 'Recommended'}: ${recommendation.policy.name}, images at ${recommendation.imageSize}, crop ${imageSizeText(recommendation.cropSize)}.`,
    `  ${recommendation.reason}`,
    ...(isMeasured ? [] : ['', ESTIMATE, ...planWarnings(plan).map((warning) => `- ${warning}`)]),
  ].join('\n');
}
