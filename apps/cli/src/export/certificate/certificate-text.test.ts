import type { PooledAccuracy } from '@fixres/runs';
import { expect, it } from 'vitest';
import type { ExportCertificate, Verification } from './certificate.ts';
import { certificateText } from './certificate-text.ts';

const accuracy: PooledAccuracy = { accuracy: 0.6, correct: 240, total: 400, ci95: [0.55, 0.65] };

function certificate(
  precision: ExportCertificate['exported']['precision'],
  verdict: Verification['verdict'],
  { difference, ci95 }: Pick<Verification['comparison'], 'difference' | 'ci95'>,
): Parameters<typeof certificateText>[0] {
  return {
    exported: {
      files: ['model.onnx'],
      input: 'prepared',
      layout: 'NHWC',
      precision,
      output: 'probabilities',
      bytes: 640_000,
      sha256: '',
    },
    images: { source: 'photos', reading: {}, name: 'photos', count: 400 },
    verification: {
      verdict,
      runtime: { name: 'onnxruntime-node', version: '1.30.0' },
      largestDifference: 0.0512,
      notANumber: 0,
      changedTop1: 13,
      accuracy: { model: accuracy, exported: accuracy },
      comparison: { difference, ci95, p: 0.7321, test: 'mcnemar-exact' },
    },
  };
}

const worse = { difference: -0.0125, ci95: [-0.03, 0.005] as [number, number] };

it('states the accuracy that a smaller precision lost, with its interval', () => {
  expect(certificateText(certificate('int8', 'no difference found', worse))).toBe(
    [
      'model.onnx: 0.6 MB, int8',
      'Verified with onnxruntime-node 1.30.0 on 400 held-out images of photos: no difference found',
      '  largest difference of a probability: 0.051',
      '  changed top-1 predictions: 13 of 400',
      '  top-1 accuracy, model: 60.00 % (95 % interval 55.00 to 65.00)',
      '  top-1 accuracy, exported: 60.00 % (95 % interval 55.00 to 65.00)',
      '  accuracy lost: 1.25 points (95 % interval -0.50 to 3.00)',
      '  paired test (McNemar): p = 0.73',
    ].join('\n'),
  );
  expect(
    certificateText(certificate('float16', 'no difference found', { difference: 0, ci95: [0, 0] })),
  ).toContain('accuracy lost: 0.00 points (95 % interval 0.00 to 0.00)');
  // Also what preprocessing in the model lost, and another model.
  expect(certificateText(certificate('float32', 'different', worse))).toContain(
    'lost: 1.25 points',
  );
  expect(certificateText(certificate('float32', 'equal', worse))).not.toContain('lost');
});
