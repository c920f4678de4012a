import type { RunEvent } from '@fixres/runner/events';
import { counted, duration, megabytes, percent } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Shows a run's events: a redrawn line while it computes, a lasting one for each epoch and arm. */
export function showRunEvent(event: RunEvent, terminal: Terminal, seeds: number): void {
  switch (event.type) {
    case 'arm-start': {
      const seed = seeds > 1 ? ` (seed ${event.seed})` : '';
      const steps = `${counted(event.epochs, 'epoch')} of ${counted(event.stepsPerEpoch, 'step')}`;
      const parameters = event.trainableParameters.toLocaleString('en-US');
      const from = event.from ? `, goes on from epoch ${event.from.epoch + 1}, step ${event.from.step + 1}` : '';
      if (event.from && event.from.epoch >= event.epochs) {
        terminal.line(`${terminal.style('bold', event.arm)}${seed}: trained already, goes on with its tests`);
        return;
      }
      terminal.line(`${terminal.style('bold', event.arm)}${seed}: ${steps}, ${parameters} parameters train${from}`);
      return;
    }
    case 'progress': {
      const parts = [`  ${event.arm}`, `epoch ${event.epoch + 1}/${event.epochs}`];
      if (event.phase === 'evaluate') parts.push('testing');
      parts.push(`step ${event.step}/${event.steps}`);
      if (event.loss !== undefined) parts.push(`loss ${event.loss.toFixed(3)}`);
      if (event.accuracy !== undefined) parts.push(`accuracy ${percent(event.accuracy)}`);
      parts.push(`${event.imagesPerSecond.toFixed(0)} img/s`, megabytes(event.rssMb), `${duration(event.etaSeconds)} left`);
      terminal.progress(parts.join('  '));
      return;
    }
    case 'feature-cache':
      terminal.line(`  ${event.explanation}`);
      return;
    case 'epoch':
      terminal.line(
        `  epoch ${String(event.epoch + 1).padStart(2)}  loss ${event.loss.toFixed(3)}  train ${percent(event.accuracy)}` +
          `  held out ${percent(event.heldOutAccuracy)}  ${event.imagesPerSecond.toFixed(0)} img/s  ${event.seconds.toFixed(1)} s`,
      );
      return;
    case 'frozen-verified':
      terminal.line(
        event.frozen === 0 ? '  nothing was frozen' : `  proven: none of the ${event.frozen} frozen variables moved, ${event.moved} trained`,
      );
      return;
    case 'evaluation': {
      const accuracy = percent(event.correct / event.total);
      terminal.line(`  ${event.policy}@${event.size}: ${accuracy} (${event.correct} of ${event.total})`);
      return;
    }
    case 'early-stop': {
      const kept = event.restored ? `; its weights are taken back` : '';
      terminal.line(`  stopped early: epoch ${event.bestEpoch + 1} was the best${kept}`);
      return;
    }
    case 'warning':
      terminal.warn(event.message);
      return;
    default:
  }
}
