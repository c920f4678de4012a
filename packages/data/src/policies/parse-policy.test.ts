import { describe, expect, it } from 'vitest';
import { withColorJitter, withShrinkOnLoad } from './compose.ts';
import { resize } from './keras-fixres.ts';
import { namedPolicy, policyNames } from './named-policies.ts';
import { parsePolicy } from './parse-policy.ts';
import { testTimeViews } from './test-time-views.ts';

describe('parsePolicy', () => {
  it('reads every policy of this package back from JSON', () => {
    const policies = [
      ...policyNames.map((name) => namedPolicy(name, { size: 64, trainSize: 48 })),
      ...testTimeViews(namedPolicy('shortSideCrop', { size: 64 }), { crops: 'five', flip: true }),
      withShrinkOnLoad(
        withColorJitter(resize(32), { brightness: 0.1, contrast: 0.2, saturation: 0.3, hue: 0.4 }),
      ),
    ];
    for (const policy of policies)
      expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
  });

  const good = resize(64);
  const step = good.steps[0]!;
  it.each([
    [null, 'policy is null; it must be an object.'],
    [{ ...good, version: 2 }, 'policy.version is 2; it must be 1.'],
    [{ ...good, name: undefined }, 'policy.name is missing; it must be given.'],
    [{ ...good, sise: 3 }, 'policy.sise is 3; it must be left out; allowed are version, name,'],
    [{ ...good, steps: {} }, 'policy.steps is {}; it must be a list.'],
    [
      { ...good, steps: [{ op: 'rotate' }] },
      'policy.steps[0].op is "rotate"; it must be "sampledBoundingBoxCrop" or',
    ],
    [
      { ...good, steps: [{ ...step, width: 2.5 }] },
      'policy.steps[0].width is 2.5; it must be a whole number from 1 to 65535.',
    ],
    [
      { ...good, steps: [{ ...step, antialias: 'yes' }] },
      'policy.steps[0].antialias is "yes"; it must be true or false.',
    ],
    [
      { ...good, steps: [{ ...step, interpolation: 'lanczos3' }] },
      'policy.steps[0].antialias is false; it must be true with "lanczos3".',
    ],
    [
      { ...good, steps: [{ op: 'colorJitter', hue: [0.4, 0.1] }] },
      'policy.steps[0].hue is [0.4,0.1]; it must be two numbers, the lower first.',
    ],
    [
      { ...good, steps: [{ op: 'colorJitter', hue: [0.4] }] },
      'policy.steps[0].hue is [0.4]; it must be a list of 2.',
    ],
    [
      { ...good, steps: [{ op: 'randomHorizontalFlip', probability: 2 }] },
      'policy.steps[0].probability is 2; it must be a number from 0 to 1.',
    ],
  ])('names the invalid field (%#)', (value, message) => {
    expect(() => parsePolicy(value)).toThrow(message);
  });
});
