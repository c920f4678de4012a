import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface PixelsProps {
  /** height x width x 3 levels. */
  levels: Uint8Array;
  width: number;
  height: number;
  label: string;
}

/** Draws RGB levels, one screen pixel per pixel. */
export function Pixels({ levels, width, height, label }: PixelsProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const image = new ImageData(width, height);
    for (let i = 0, k = 0; i < levels.length; i += 3) {
      image.data[k++] = levels[i]!;
      image.data[k++] = levels[i + 1]!;
      image.data[k++] = levels[i + 2]!;
      image.data[k++] = 255;
    }
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [levels, width, height]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}
