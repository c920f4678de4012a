import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PredictionRow, PredictionsAnswer, RunDetail } from '../../../shared/protocol.ts';
import { imageAddress } from '../api.ts';
import { count, percent } from '../format.ts';
import { param, setParams } from '../state/url-state.ts';

const PAGE = 60;

interface PicturesProps {
  detail: RunDetail;
  /** Name of the file of predictions. */
  file: string;
  answer: PredictionsAnswer;
  rows: readonly PredictionRow[];
  title: string;
}

/** Images with what the model says of them, a page at a time. */
export function Pictures({ detail, file, answer, rows, title }: PicturesProps): JSX.Element {
  const page = Math.max(0, Math.min(Number(param('page', '0')) || 0, Math.ceil(rows.length / PAGE) - 1));
  const { available, reason } = detail.images;
  return (
    <section class="card" aria-labelledby="pictures-title">
      <header>
        <h2 id="pictures-title">{title}</h2>
        <span class="soft">{count(rows.length, 'image')}</span>
      </header>
      {!available && <p class="notice">{reason}</p>}
      {answer.isPart && <p class="notice">The file is very large; only its first {count(answer.total, 'image')} were read.</p>}
      {answer.total > answer.rows.length && <p class="notice">Only the first {count(answer.rows.length, 'image')} of the file are listed.</p>}
      {rows.length === 0 && <p class="empty">There is none.</p>}
      <ul class="pictures">
        {rows.slice(page * PAGE, (page + 1) * PAGE).map((row) => (
          <Picture key={row.file} address={available ? imageAddress(detail.row.id, file, row.file, 320) : ''} row={row} classes={answer.classes} />
        ))}
      </ul>
      {rows.length > PAGE && (
        <p class="tools">
          <button disabled={page === 0} onClick={() => setParams({ page: String(page - 1) })}>
            Previous
          </button>
          <span class="inline soft">
            {page * PAGE + 1} to {Math.min(rows.length, (page + 1) * PAGE)}
          </span>
          <button disabled={(page + 1) * PAGE >= rows.length} onClick={() => setParams({ page: String(page + 1) })}>
            Next
          </button>
        </p>
      )}
    </section>
  );
}

function Picture({ address, row, classes }: { address: string; row: PredictionRow; classes: readonly string[] }): JSX.Element {
  const [failed, setFailed] = useState(false);
  const [said, confidence] = row.top[0]!;
  const label = classes[row.label]!;
  const right = said === row.label;
  return (
    <li>
      {address === '' || failed ? (
        <span class="no-image">{row.file}</span>
      ) : (
        <img src={address} alt={`${label}, ${row.file}`} loading="lazy" decoding="async" onError={() => setFailed(true)} />
      )}
      <span class={`verdict ${right ? 'right' : 'wrong'}`}>
        {right ? '✓' : '✗'} {classes[said]} <span class="soft small">{percent(confidence)}</span>
      </span>
      {!right && (
        <span class="soft small">
          is {label} ({percent(row.labelProbability)})
        </span>
      )}
      <span class="soft small code">{row.file}</span>
    </li>
  );
}
