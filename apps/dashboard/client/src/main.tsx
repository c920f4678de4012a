import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { App } from './app.tsx';
import { startLive } from './state/live.ts';

render(<App />, document.getElementById('app')!);
void startLive();
