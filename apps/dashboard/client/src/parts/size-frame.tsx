import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const LEFT = 52;
const RIGHT = 28;
const TOP = 16;
const BOTTOM = 48;

interface SizeFrameProps {
  /** Text for screen readers. */
  label: string;
  height: number;
  /** Test sizes at the two ends, in pixels. */
  sizes: readonly [number, number];
  /** Values with a grid line, from the bottom to the top. */
  ticks: readonly number[];
  valueText: (value: number) => string;
  /** Draws the content of the frame, given the positions of sizes and values. */
  draw: (x: (size: number) => number, y: (value: number) => number) => ComponentChildren;
  /** Called when a position is pressed, and when a drag reaches another whole size. */
  onSize?: (size: number) => void;
  class?: string;
}

/** The axes of a picture over the test size. */
export function SizeFrame({
  label,
  height,
  sizes: [low, high],
  ticks,
  valueText,
  draw,
  onSize,
  class: more = '',
}: SizeFrameProps): JSX.Element {
  const svg = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(760);
  const last = useRef<number | null>(null);
  useEffect(() => {
    const sized = new ResizeObserver(() => setWidth(Math.max(200, svg.current!.clientWidth)));
    sized.observe(svg.current!);
    return () => sized.disconnect();
  }, []);
  const [bottom, top] = [ticks[0]!, ticks.at(-1)!];
  const x = (size: number): number => LEFT + ((size - low) / (high - low)) * (width - LEFT - RIGHT);
  const y = (value: number): number =>
    height - BOTTOM - ((value - bottom) / (top - bottom)) * (height - TOP - BOTTOM);
  const point = (event: PointerEvent): void => {
    if (!onSize || (event.type === 'pointermove' && event.buttons === 0)) return;
    const place = event.clientX - svg.current!.getBoundingClientRect().left;
    const size = Math.round(
      Math.min(high, Math.max(low, low + ((place - LEFT) / (width - LEFT - RIGHT)) * (high - low))),
    );
    // Another control can have changed the size before a press.
    if (event.type === 'pointermove' && size === last.current) return;
    last.current = size;
    onSize(size);
  };
  return (
    <svg
      ref={svg}
      class={`size-plot ${more}`}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        if (onSize) event.currentTarget.setPointerCapture(event.pointerId);
        point(event);
      }}
      onPointerMove={point}
    >
      {ticks.map((value) => (
        <g key={value}>
          <line class="rule" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
            {valueText(value)}
          </text>
        </g>
      ))}
      {sizesWithin(low, high, width / 80).map((size) => (
        <text key={size} x={x(size)} y={height - BOTTOM + 20} text-anchor="middle">
          {size} px
        </text>
      ))}
      <text x={(LEFT + width - RIGHT) / 2} y={height - 6} text-anchor="middle">
        Test size
      </text>
      {draw(x, y)}
    </svg>
  );
}

function sizesWithin(low: number, high: number, most: number): number[] {
  const step = [8, 16, 32, 64, 128, 256].find((each) => (high - low) / each <= most) ?? 512;
  return Array.from(
    { length: Math.floor(high / step) - Math.ceil(low / step) + 1 },
    (_, i) => (Math.ceil(low / step) + i) * step,
  );
}
