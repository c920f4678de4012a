import type { Axis } from '../../shared/curves.ts';
import { formatPredictionQuery, type PredictionQuery } from '../../shared/prediction-query.ts';
import type {
  CalibrationAnswer,
  ControlAnswer,
  CurvesAnswer,
  PredictionsAnswer,
  PredictionsPage,
  RunDetail,
  RunsAnswer,
} from '../../shared/protocol.ts';
import type { Range } from '../../shared/series.ts';

/** Error response of the server. */
class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number) {
    super(
      status === 404
        ? 'It no longer exists.'
        : status === 401
          ? 'The token is missing; open the address that fixres dashboard printed.'
          : `The server answered ${status}.`,
    );
    this.status = status;
  }
}

async function fetchPath(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new ApiError(response.status);
  return response;
}

async function fetchJson<T>(path: string): Promise<T> {
  return (await (await fetchPath(path)).json()) as T;
}

export function runPath(run: string): string {
  return `/api/runs/${encodeURIComponent(run)}`;
}

/** @param after `next` of the previous page; the first page without it */
export function fetchRuns(after: string | null = null): Promise<RunsAnswer> {
  return fetchJson(`/api/runs${after === null ? '' : `?after=${encodeURIComponent(after)}`}`);
}

export function fetchRun(run: string): Promise<RunDetail> {
  return fetchJson(runPath(run));
}

/** @param range loads only this range, in more detail */
export function fetchCurves(run: string, range?: Range<Axis>): Promise<CurvesAnswer> {
  return fetchJson(
    `${runPath(run)}/curves${range ? `?axis=${range.axis}&from=${range.from}&to=${range.to}` : ''}`,
  );
}

export function fetchPredictions(run: string, file: string): Promise<PredictionsAnswer> {
  return fetchJson(`${runPath(run)}/predictions/${encodeURIComponent(file)}`);
}

export function fetchCalibration(run: string, file: string): Promise<CalibrationAnswer> {
  return fetchJson(`${runPath(run)}/predictions/${encodeURIComponent(file)}/calibration`);
}

export function fetchPredictionsPage(
  run: string,
  file: string,
  query: PredictionQuery,
): Promise<PredictionsPage> {
  return fetchJson(
    `${runPath(run)}/predictions/${encodeURIComponent(file)}/rows?${formatPredictionQuery(query)}`,
  );
}

/** Address of the image of a prediction; the original if no side is given. */
export function imageAddress(run: string, predictions: string, id: string, side = 0): string {
  return `${runPath(run)}/images/${encodeURIComponent(predictions)}?id=${encodeURIComponent(id)}${side > 0 ? `&side=${side}` : ''}`;
}

export async function fetchImage(run: string, predictions: string, id: string): Promise<Blob> {
  return (await fetchPath(imageAddress(run, predictions, id))).blob();
}

/** Sizes in pixels of some of the run's held-out images. */
export function fetchImageSizes(
  run: string,
  predictions: string,
): Promise<{ width: number; height: number }[]> {
  return fetchJson(`${runPath(run)}/sizes/${encodeURIComponent(predictions)}`);
}

export function fetchControl(): Promise<ControlAnswer> {
  return fetchJson('/api/control');
}

/**
 * Sends a request that changes something.
 *
 * @throws Error with the server's message
 */
export async function postControl(
  action: 'start' | 'stop' | 'resume',
  asked: unknown,
  token: string,
): Promise<void> {
  const response = await fetch(`/api/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-fixres-control': token },
    body: JSON.stringify(asked),
  });
  if (response.ok) return;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw error === undefined ? new ApiError(response.status) : new Error(error);
}
