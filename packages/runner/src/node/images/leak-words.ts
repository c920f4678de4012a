import type { Leaks } from '@fixres/data/node';
import { counted, percent } from '@fixres/runs/report';

/** What was found, before an experiment. */
export function leakNote({ heldOutImages, acrossClasses }: Leaks): string {
  const classes =
    acrossClasses.length === 0
      ? ''
      : `; ${counted(acrossClasses.length, 'pair')} of look-alikes in two classes`;
  return heldOutImages === 0
    ? `Leaks:  no held-out image looks like a training image${classes}`
    : `Leaks:  ${counted(heldOutImages, 'held-out image')} ${heldOutImages === 1 ? 'looks' : 'look'} like a training image or ${heldOutImages === 1 ? 'shares' : 'share'} its burst${classes}`;
}

/**
 * The warning about leaks that stay in the data.
 *
 * @param dropLeaks the setting that leaves them out
 */
export function leakWarning(
  { heldOutImages, trainIds }: Leaks,
  { heldOut, dropLeaks }: { heldOut: number; dropLeaks: string },
): string {
  const isOne = heldOutImages === 1;
  return `${counted(heldOutImages, 'held-out image')} (${percent(heldOutImages / heldOut)}) ${isOne ? 'looks' : 'look'} like a training image or ${isOne ? 'shares' : 'share'} its burst, so held-out accuracy can be too high by as much. ${dropLeaks} leaves out the ${counted(trainIds.size, 'training image')}.`;
}
