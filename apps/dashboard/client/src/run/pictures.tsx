import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PredictionQuery } from '../../../shared/prediction-query.ts';
import type {
  PredictionRow,
  PredictionsAnswer,
  PredictionsPage,
  RunDetail,
} from '../../../shared/protocol.ts';
import { fetchPredictionsPage, imageAddress } from '../api.ts';
import { count, percent } from '../format.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { param, setParams } from '../state/url-state.ts';

const PAGE = 60;
/** Number of classes to show of an image with several labels. */
const SHOWN_LABELS = 3;

type Choice = Omit<PredictionQuery, 'from' | 'limit'>;

interface PicturesProps {
  detail: RunDetail;
  /** Name of the file of predictions. */
  file: string;
  answer: PredictionsAnswer;
  /** Which of its images. */
  chosen: Choice;
  title: string;
}

/** Images with the model's predictions, one page at a time. */
export function Pictures({ detail, file, answer, chosen, title }: PicturesProps): JSX.Element {
  const { id, made } = detail.row;
  const page = Math.max(0, Math.floor(Number(param('page')) || 0));
  // The previous page stays until the new one is loaded.
  const loaded = useLoaded(
    () => fetchPage(id, file, chosen, page),
    [id, file, JSON.stringify(chosen)],
    [page, made],
  );
  const { available, reason } = detail.images;
  return (
    <section class="card" aria-labelledby="pictures-title">
      <header>
        <h2 id="pictures-title">{title}</h2>
        {loaded.state === 'ready' && <span class="soft">{count(loaded.value.total, 'image')}</span>}
      </header>
      {!available && <p class="notice">{reason}</p>}
      {answer.isPart && (
        <p class="notice">
          The file is very large; only its first {count(answer.total, 'image')} were read.
        </p>
      )}
      {answer.total > answer.listed && (
        <p class="notice">Only the first {count(answer.listed, 'image')} of the file are listed.</p>
      )}
      {loaded.state === 'loading' && <p class="soft">Loading…</p>}
      {loaded.state === 'failed' && <p class="notice bad">{loaded.message}</p>}
      {loaded.state === 'ready' && loaded.problem !== null && (
        <p class="notice bad">{loaded.problem}</p>
      )}
      {loaded.state === 'ready' && (
        <Rows
          page={loaded.value}
          classes={answer.classes}
          address={(row) => (available ? imageAddress(id, file, row.file, 320) : '')}
        />
      )}
    </section>
  );
}

/** A page, or the last one if there are fewer. */
async function fetchPage(
  run: string,
  file: string,
  chosen: Choice,
  page: number,
): Promise<PredictionsPage> {
  const asked = await fetchPredictionsPage(run, file, {
    ...chosen,
    from: page * PAGE,
    limit: PAGE,
  });
  if (asked.rows.length > 0 || asked.total === 0) return asked;
  return fetchPredictionsPage(run, file, {
    ...chosen,
    from: Math.floor((asked.total - 1) / PAGE) * PAGE,
    limit: PAGE,
  });
}

interface RowsProps {
  page: PredictionsPage;
  classes: readonly string[];
  /** Address of a row's image; empty if there is none. */
  address: (row: PredictionRow) => string;
}

function Rows({ page: { total, from, rows }, classes, address }: RowsProps): JSX.Element {
  const place = (number: number): string => number.toLocaleString('en');
  const turn = (pages: number): void => setParams({ page: String(from / PAGE + pages) });
  return (
    <>
      {total === 0 && <p class="empty">There are none.</p>}
      <ul class="pictures">
        {rows.map((row) => (
          <Picture key={row.file} address={address(row)} row={row} classes={classes} />
        ))}
      </ul>
      {total > PAGE && (
        <p class="tools">
          <button disabled={from === 0} onClick={() => turn(-1)}>
            Previous
          </button>
          <span class="inline soft">
            {place(from + 1)} to {place(from + rows.length)} of {place(total)}
          </span>
          <button disabled={from + rows.length >= total} onClick={() => turn(1)}>
            Next
          </button>
        </p>
      )}
    </>
  );
}

function Picture({
  address,
  row,
  classes,
}: {
  address: string;
  row: PredictionRow;
  classes: readonly string[];
}): JSX.Element {
  const [failed, setFailed] = useState(false);
  const said = row.top[0]![0];
  const label = row.labels
    ? row.labels.all.map((each) => classes[each]!).join(', ') || 'none'
    : classes[row.label]!;
  const right = row.labels?.exact ?? said === row.label;
  const shown = row.top.slice(0, row.labels ? SHOWN_LABELS : 1);
  return (
    <li>
      {address === '' || failed ? (
        <span class="no-image">{row.file}</span>
      ) : (
        <img
          src={address}
          alt={`${label}, ${row.file}`}
          loading="lazy"
          decoding="async"
          onError={() => setFailed(true)}
        />
      )}
      <span class={`verdict ${right ? 'right' : 'wrong'}`}>
        {right ? '✓' : '✗'}{' '}
        {shown.map(([each, confidence], i) => (
          <>
            {i > 0 && ', '}
            {classes[each]} <span class="soft small">{percent(confidence)}</span>
          </>
        ))}
      </span>
      {!right && (
        <span class="soft small">
          is {label}
          {!row.labels && ` (${percent(row.labelProbability)})`}
        </span>
      )}
      <span class="soft small code">{row.file}</span>
    </li>
  );
}
