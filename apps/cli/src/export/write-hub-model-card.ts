import { basename, join, resolve } from 'node:path';
import type { FoundModel } from '@fixres/runner/node';
import { FixresRunsError } from '@fixres/runs';
import { loadRun, writeAside } from '@fixres/runs/node';
import type { ExportCertificate } from './certificate/certificate.ts';
import { hubModelCard, type HubModelCardOptions } from './hub-model-card.ts';

export interface WriteHubModelCardOptions {
  format: string;
  /** Whether the weights are those of the best epoch, which the run did not evaluate. */
  best: boolean;
  certificate: ExportCertificate;
}

/** Writes `README.md`, the hub's model card, into an exported folder. */
export async function writeHubModelCard(
  out: string,
  { folder, card, contract, run }: FoundModel,
  { format, best, certificate }: WriteHubModelCardOptions,
): Promise<void> {
  const text = hubModelCard({
    format,
    name: basename(resolve(run?.folder ?? folder)),
    classNames: card.classNames,
    contract,
    trained: run && !best ? await trainedBy(run) : undefined,
    certificate,
  });
  await writeAside(join(out, 'README.md'), text);
}

async function trainedBy(
  run: NonNullable<FoundModel['run']>,
): Promise<HubModelCardOptions['trained']> {
  try {
    const { summary, seeds } = await loadRun(run.folder);
    const arm = summary?.arms.find(({ name }) => name === run.arm.name);
    if (!summary || !arm) return undefined;
    return { dataset: run.dataset.name, images: summary.dataset, arm, seeds: seeds.length };
  } catch (error) {
    // The model is whole even if the results of its run are damaged.
    if (!(error instanceof FixresRunsError)) throw error;
    return undefined;
  }
}
