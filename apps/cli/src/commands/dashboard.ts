import { fileURLToPath } from 'node:url';
import { startDashboard } from '@fixres/dashboard';
import { defaultCacheFolder } from '@fixres/engine';
import { findRecordedDataset, openRecordedDataset } from '@fixres/runner/node';
import { onInterrupt } from '../command-line/interrupt-signals.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres dashboard`, as the command line gives them. */
export interface DashboardCommandOptions {
  port?: number;
  open?: boolean;
  host?: string;
  token?: string;
  control?: boolean;
  images: boolean;
  json?: boolean;
}

/** The file that npm links as `fixres`. */
const fixresProgram: string = fileURLToPath(new URL('../../bin/fixres.js', import.meta.url));

/** Serves the dashboard until it is stopped, usually with Ctrl-C. */
export async function dashboard(runs: string, options: DashboardCommandOptions): Promise<void> {
  const { control = false, images, json = false, open = false, port, host, token } = options;
  const terminal = new Terminal();
  const served = await startDashboard({
    runs,
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(token === undefined ? {} : { token }),
    ...(control
      ? {
          control: { program: [process.execPath, fixresProgram], findDataset: findRecordedDataset },
        }
      : {}),
    ...(images ? { openDataset: openRecordedDataset(defaultCacheFolder()) } : {}),
  });
  // Before the address is printed, because its reader may stop the dashboard at once.
  const interrupted = new Promise<void>((resolve) => {
    const end = onInterrupt(() => {
      // A second signal ends the process at once.
      end();
      resolve();
    });
  });
  try {
    terminal.result(json ? JSON.stringify({ url: served.url, port: served.port }) : served.url);
    terminal.line(
      `Shows the runs in ${runs}${control ? ', and starts, stops and resumes them' : ''}. Ctrl-C ends it; runs go on.`,
    );
    if (open) {
      const { default: openInBrowser } = await import('open');
      await openInBrowser(served.url);
    }
    await interrupted;
  } finally {
    await served.close();
  }
}
