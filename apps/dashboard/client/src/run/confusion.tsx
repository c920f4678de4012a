import type { JSX } from 'preact';
import type { PredictionsAnswer, RunDetail } from '../../../shared/protocol.ts';
import { fetchPredictions } from '../api.ts';
import { count, percent } from '../format.ts';
import { param, setParams } from '../state/url-state.ts';
import { ChosenPredictions } from './chosen-predictions.tsx';
import { Pictures } from './pictures.tsx';

/** With more classes a matrix is not readable; the most frequent mistakes are listed instead. */
const MATRIX_CLASSES = 40;

/** The confusion matrix, with the images behind each cell. */
export function Confusion({ detail }: { detail: RunDetail }): JSX.Element {
  return (
    <ChosenPredictions
      detail={detail}
      load={fetchPredictions}
      tools={(answer) => answer && <span class="inline soft">{accuracyText(answer)}</span>}
    >
      {(answer, chosen) => {
        if (answer.multiLabel)
          return (
            <p class="notice">
              Images with several labels have no confusion matrix. The predictions show which images
              got a wrong set of labels.
            </p>
          );
        const cell = parseCell(param('cell'), answer.classes.length);
        return (
          <>
            <section class="card" aria-labelledby="matrix-title">
              <header>
                <h2 id="matrix-title">Confusion matrix</h2>
                <span class="soft">
                  rows are the true classes, columns the predicted ones; select a cell to see its
                  images
                </span>
              </header>
              {answer.classes.length <= MATRIX_CLASSES ? (
                <Matrix answer={answer} cell={cell} />
              ) : (
                <MistakeList answer={answer} />
              )}
            </section>
            {cell && (
              <Pictures
                detail={detail}
                file={chosen.name}
                answer={answer}
                chosen={{ kind: 'all', order: 'as in the file', label: cell[0], said: cell[1] }}
                title={cellTitle(answer, cell)}
              />
            )}
          </>
        );
      }}
    </ChosenPredictions>
  );
}

function accuracyText({ correct, total, damaged, isPart }: PredictionsAnswer): string {
  return `${percent(total > 0 ? correct / total : Number.NaN)} of ${isPart ? 'the first ' : ''}${count(total, 'image')}${damaged > 0 ? `, ${count(damaged, 'line')} unreadable` : ''}`;
}

function cellTitle(
  { classes }: PredictionsAnswer,
  [label, predicted]: readonly [number, number],
): string {
  return label === predicted
    ? `${classes[label]!}, recognised`
    : `${classes[label]!} predicted as ${classes[predicted]!}`;
}

function parseCell(text: string, classes: number): readonly [number, number] | null {
  const [label, predicted] = /^\d+-\d+$/.test(text) ? text.split('-').map(Number) : [];
  return label !== undefined && predicted !== undefined && Math.max(label, predicted) < classes
    ? [label, predicted]
    : null;
}

function Matrix({
  answer,
  cell,
}: {
  answer: PredictionsAnswer;
  cell: readonly [number, number] | null;
}): JSX.Element {
  const { classes, confusion } = answer;
  const counts = new Map(
    confusion.map(([label, predicted, images]) => [label * classes.length + predicted, images]),
  );
  const sums = classes.map((_, label) =>
    confusion.filter(([each]) => each === label).reduce((sum, [, , images]) => sum + images, 0),
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
      <table class="matrix" style={{ '--classes': String(classes.length) }}>
        <thead>
          <tr>
            <th scope="col">true \ predicted</th>
            {classes.map((name) => (
              <th key={name} scope="col" title={name}>
                {name}
              </th>
            ))}
            <th scope="col" class="number">
              recognised
            </th>
          </tr>
        </thead>
        <tbody>
          {classes.map((name, label) => (
            <tr key={name}>
              <th scope="row" title={name}>
                {name}
              </th>
              {classes.map((said, predicted) => {
                const images = counts.get(label * classes.length + predicted) ?? 0;
                const heat = images === 0 ? 0 : Math.max(1, Math.ceil((images / sums[label]!) * 5));
                const chosen = cell?.[0] === label && cell[1] === predicted;
                return (
                  <td key={said}>
                    <button
                      class={`heat-${heat} ${images === 0 ? 'zero' : ''} ${label === predicted ? 'right' : 'wrong'}`}
                      aria-pressed={chosen}
                      aria-label={`${name} predicted as ${said}: ${count(images, 'image')}`}
                      onClick={() =>
                        setParams({ cell: chosen ? '' : `${label}-${predicted}`, page: '' })
                      }
                    >
                      {images}
                    </button>
                  </td>
                );
              })}
              <td class="number">
                {percent(
                  sums[label]! > 0
                    ? (counts.get(label * classes.length + label) ?? 0) / sums[label]!
                    : Number.NaN,
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MistakeList({
  answer: { classes, confusion },
}: {
  answer: PredictionsAnswer;
}): JSX.Element {
  const mistakes = confusion
    .filter(([label, predicted]) => label !== predicted)
    .sort((a, b) => b[2] - a[2])
    .slice(0, 100);
  return (
    <ul class="bars">
      {mistakes.map(([label, predicted, images]) => (
        <li key={`${label}-${predicted}`}>
          <button onClick={() => setParams({ cell: `${label}-${predicted}`, page: '' })}>
            {count(images, 'image')}
          </button>
          <span>
            {classes[label]} predicted as {classes[predicted]}
          </span>
        </li>
      ))}
    </ul>
  );
}
