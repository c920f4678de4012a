import { describe, expect, it } from 'vitest';
import type { LeakPictures } from '../page/report-input.ts';
import { leaksSection } from './leaks-section.ts';

const PIXEL = 'data:image/png;base64,AAAA';

const leaks: LeakPictures = {
  distance: 6,
  heldOutImages: 3,
  counts: { acrossSplit: 9, bursts: 1, acrossClasses: 0 },
  dropped: 0,
  acrossSplit: [
    {
      a: { file: 'train/<a>.jpg', dataUri: PIXEL },
      b: { file: 'held/b.jpg', dataUri: null },
      note: '2 bits',
    },
  ],
  bursts: [
    {
      a: { file: 'train/c.jpg', dataUri: PIXEL },
      b: { file: 'held/d.jpg', dataUri: PIXEL },
      note: '5 s apart',
    },
  ],
  acrossClasses: [],
};

describe('leaksSection', () => {
  it('counts the leaks, says what they mean, and shows the pairs', () => {
    const body = leaksSection({ leaks }, 60)!.body.markup;
    expect(body).toContain('3 held-out images (5.0 %) look like a training image');
    expect(body).toContain('can be too high by as much');
    expect(body).toContain('9 pairs, the first 1 shown');
    expect(body.match(/<img /g)).toHaveLength(3);
    expect(body).toContain('not available');
    expect(body).toContain('5 s apart');
    expect(body).toContain('train/<wbr>&lt;a&gt;.jpg');
    expect(body).not.toContain('two classes');
  });

  it('states what was left out', () => {
    const body = leaksSection({ leaks: { ...leaks, dropped: 4 } }, 60)!.body.markup;
    expect(body).toContain('4 training images that leak were left out.');
    expect(body).not.toContain('too high');
  });

  it('shows what a model finds similar, also without leaks, or why it cannot', () => {
    const similar = { arm: 'fixres', seed: 3, pairs: leaks.acrossSplit };
    const body = leaksSection({ leaks: null, similar }, 60)!.body.markup;
    expect(body).toContain('the model of fixres (seed 3) finds most similar');
    expect(body.match(/<img /g)).toHaveLength(1);
    expect(body).not.toContain('perceptual hashes');
    expect(leaksSection({ leaks, similar }, 60)!.body.markup).toContain('perceptual hashes');
    const missing = leaksSection({ leaks: null, similar: { missing: 'No model.' } }, 60);
    expect(missing!.body.markup).toBe('<p>No model.</p>');
  });

  it('is missing without leaks, and refuses other addresses than data', () => {
    expect(leaksSection({ leaks: null }, 60)).toBeNull();
    const counts = { acrossSplit: 0, bursts: 0, acrossClasses: 0 };
    expect(leaksSection({ leaks: { ...leaks, heldOutImages: 0, counts } }, 60)).toBeNull();
    const [pair] = leaks.bursts;
    const a = { file: 'x', dataUri: 'https://example.org/x.png' };
    expect(() => leaksSection({ leaks: { ...leaks, bursts: [{ ...pair!, a }] } }, 60)).toThrow(
      'leaks: the picture "x" must be a base64 data URI of an image',
    );
  });
});
