import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFields } from '../../../fields.ts';
import { writeAside } from '../../files/write-aside.ts';
import type { MlflowRun } from './mlflow-client.ts';
import type { MlflowServer } from './mlflow-server.ts';

/** `mlflow.json` of a run folder: what the server has. It contains no credentials. */
export interface MlflowState {
  /** Identifies the run at any server, in a tag. */
  id: string;
  /** Address of the server that the rest is about. */
  server: string;
  experimentId?: string;
  /** MLflow runs by the name of the arm's folder; the parent has no name. */
  runs: Record<string, MlflowRun>;
  /** Number of the latest event that was sent with all before it; -1 if there is none. */
  sent: number;
}

/**
 * Reads what an earlier session sent. At another address nothing is known to be sent; if it is the
 * same server, the runs are found there by their tags.
 */
export async function readMlflowState(
  run: string,
  { uri }: Pick<MlflowServer, 'uri'>,
): Promise<MlflowState> {
  let stored: unknown;
  try {
    stored = JSON.parse(await readFile(fileOf(run), 'utf8'));
  } catch {
    // There is none, or it is damaged.
  }
  const known = isFields(stored) ? (stored as Partial<MlflowState>) : {};
  const id = typeof known.id === 'string' ? known.id : randomUUID();
  if (known.server !== uri || !isFields(known.runs) || typeof known.sent !== 'number')
    return { id, server: uri, runs: {}, sent: -1 };
  return { ...known, id, server: uri, runs: known.runs, sent: known.sent };
}

/** @throws the system's error */
export async function writeMlflowState(run: string, state: MlflowState): Promise<void> {
  await writeAside(fileOf(run), `${JSON.stringify(state, null, 2)}\n`);
}

function fileOf(run: string): string {
  return join(run, 'mlflow.json');
}
