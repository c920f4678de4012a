/** `0.7548` -> `75.5 %` */
export function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** `0.031` -> `+3.1`: a difference of accuracies in points. */
export function points(value: number): string {
  const text = Math.abs(value * 100).toFixed(1);
  if (Number(text) === 0) return '0.0';
  return `${value < 0 ? '-' : '+'}${text}`;
}

/** `75` -> `1:15`, `3700` -> `1:01:40` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${pad(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

/** `812.3` -> `812 MB`, `2140` -> `2.1 GB` */
export function megabytes(mb: number): string {
  return mb < 1000 ? `${Math.round(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`;
}

/** `0.00012` -> `<0.001` */
export function pValue(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

/** `1, 'epoch'` -> `1 epoch`; `2, 'epoch'` -> `2 epochs` */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
