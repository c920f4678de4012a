/** `25613800` -> `25,613,800` */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
