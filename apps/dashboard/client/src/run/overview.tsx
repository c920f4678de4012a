import type { JSX } from 'preact';
import type { ArmRecord, ComparisonRecord } from '@fixres/runner/events';
import type { RunDetail } from '../../../shared/protocol.ts';
import { count, duration, percent, short } from '../format.ts';
import { lookOf, Swatch } from '../parts/swatch.tsx';

/** The result of a run in numbers, or what is known while there is none. */
export function Overview({ detail }: { detail: RunDetail }): JSX.Element {
  const { summary, dataset, engine } = detail;
  return (
    <>
      <section class="card" aria-label="Facts">
        <dl class="facts">
          <Fact name="Data" value={dataset?.name ?? '–'} note={dataset ? `${count(dataset.train, 'training image')}, ${count(dataset.heldOut, 'held out', 'held out')}` : ''} />
          <Fact name="Model" value={String(detail.row.config['model.name'] ?? '–')} note={`stem width ${String(detail.row.config['model.width'] ?? '–')}`} />
          <Fact name="Engine" value={engine?.name ?? '–'} note={engine?.reason ?? ''} />
          <Fact name="Time" value={summary ? duration(summary.seconds) : '–'} note={summary ? 'training and evaluation' : 'not finished'} />
        </dl>
      </section>
      {summary ? (
        <>
          <Arms arms={summary.arms} />
          <Comparisons comparisons={summary.comparisons} smallest={summary.smallestDetectable} />
        </>
      ) : (
        <p class="notice">There is no result yet; the curves show how far the run is.</p>
      )}
      {detail.output !== null && detail.output !== '' && (
        <section class="card" aria-labelledby="output-title">
          <header>
            <h2 id="output-title">Output</h2>
            <span class="soft">the end of output.log</span>
          </header>
          <pre tabIndex={0}>{detail.output}</pre>
        </section>
      )}
      <div class="two">
        <section class="card" aria-labelledby="config-title">
          <h2 id="config-title">Configuration</h2>
          <pre tabIndex={0}>{JSON.stringify(detail.config, null, 2)}</pre>
        </section>
        <section class="card" aria-labelledby="environment-title">
          <h2 id="environment-title">Environment</h2>
          <pre tabIndex={0}>{JSON.stringify(detail.environment, null, 2)}</pre>
        </section>
      </div>
    </>
  );
}

function Fact({ name, value, note }: { name: string; value: string; note: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        <span>{note}</span>
      </dd>
    </div>
  );
}

function Arms({ arms }: { arms: readonly ArmRecord[] }): JSX.Element {
  const keys = [...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ policy, size }) => `${policy}@${size}`)))];
  return (
    <section class="card" aria-labelledby="arms-title">
      <header>
        <h2 id="arms-title">Arms</h2>
        <span class="soft">accuracy on the held-out images under each test policy; the arm's own in bold</span>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Arms">
        <table>
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" class="number">
                Trained at
              </th>
              <th scope="col">What trains</th>
              {keys.map((key) => (
                <th key={key} scope="col" class="number">
                  {key}
                </th>
              ))}
              <th scope="col" class="number">
                Training
              </th>
              <th scope="col" class="number">
                Peak memory
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm, i) => (
              <tr key={arm.name}>
                <th scope="row">
                  <Swatch {...lookOf(i)} /> {arm.name}
                </th>
                <td class="number">{arm.trainSize} px</td>
                <td>{arm.freeze}</td>
                {keys.map((key) => {
                  const at = arm.evaluations.findIndex(({ policy, size }) => `${policy}@${size}` === key);
                  const own = at === arm.ownEvaluation;
                  const evaluation = arm.evaluations[at];
                  const text = evaluation ? percent(evaluation.accuracy) : '–';
                  const title = evaluation ? `95 % interval ${percent(evaluation.ci95[0])} to ${percent(evaluation.ci95[1])}` : undefined;
                  return (
                    <td key={key} class="number" title={title}>
                      {own ? <b>{text}</b> : text}
                    </td>
                  );
                })}
                <td class="number">{duration(arm.trainSeconds)}</td>
                <td class="number">{short(arm.peakRssMb)} MB</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Comparisons({ comparisons, smallest }: { comparisons: readonly ComparisonRecord[]; smallest: number }): JSX.Element | null {
  if (comparisons.length === 0) return null;
  const points = (value: number): string => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`.replace('-', '−');
  return (
    <section class="card" aria-labelledby="comparisons-title">
      <header>
        <h2 id="comparisons-title">Comparisons</h2>
        <span class="soft">differences under about {(smallest * 100).toFixed(1)} points cannot be told from noise here</span>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Comparisons">
        <table>
          <thead>
            <tr>
              <th scope="col">Comparison</th>
              <th scope="col">Tested</th>
              <th scope="col" class="number">
                Difference
              </th>
              <th scope="col" class="number">
                95 % interval
              </th>
              <th scope="col" class="number">
                p (Holm)
              </th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {comparisons.map(({ a, b, policy, difference, ci95, pAdjusted, verdict }) => (
              <tr key={`${a}-${b}-${policy}`}>
                <th scope="row">
                  {a} − {b}
                </th>
                <td>{policy}</td>
                <td class="number">{points(difference)} points</td>
                <td class="number">
                  {points(ci95[0])} to {points(ci95[1])}
                </td>
                <td class="number">{pAdjusted.toFixed(3)}</td>
                <td>{verdict === 'not distinguishable' ? 'not distinguishable (inside the noise)' : `${a} is ${verdict} than ${b}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
