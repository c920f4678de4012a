import { describe, expect, it, vi } from 'vitest';
import { Terminal } from './terminal.ts';

function stream(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { stream: { isTTY, columns: 20, write } as unknown as NodeJS.WriteStream, written };
}

describe('Terminal', () => {
  it('redraws one progress line on a terminal, truncated to its width, and clears it before other lines', () => {
    const { stream: terminal, written } = stream(true);
    const output = new Terminal({ stream: terminal });
    output.progress('a long line of progress that does not fit');
    output.line('done');
    expect(written).toEqual(['\r\u001b[2Ka long line of prog', '\r\u001b[2K', 'done\n']);
  });

  it('prints a result on a separate line, also when quiet', () => {
    const { stream: terminal, written } = stream(true);
    const stdout = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => written.push(`stdout: ${String(text)}`) > 0);
    const output = new Terminal({ stream: terminal });
    output.progress('4 of 4');
    output.result('four');
    new Terminal({ stream: terminal, quiet: true }).result('two\nlines\n');
    stdout.mockRestore();
    expect(written).toEqual([
      '\r\u001b[2K4 of 4',
      '\r\u001b[2K',
      'stdout: four\n',
      'stdout: two\nlines\n',
    ]);
  });

  it('prints whole progress lines at intervals without a terminal', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(100_000);
    const { stream: log, written } = stream(false);
    const output = new Terminal({ stream: log });
    for (const time of [100_000, 105_000, 121_000]) {
      now.mockReturnValue(time);
      output.progress(`at ${time}`);
    }
    now.mockRestore();
    expect(written).toEqual(['at 121000\n']);
  });

  it('prints only warnings when quiet', () => {
    const { stream: log, written } = stream(false);
    const output = new Terminal({ stream: log, quiet: true });
    output.line('hello');
    output.progress('50 %');
    output.warn('careful');
    expect(written).toEqual(['warning: careful\n']);
  });

  it('uses colours on a terminal unless NO_COLOR is set, and in a log with FORCE_COLOR', () => {
    const styled = (isTTY: boolean): string =>
      new Terminal({ stream: stream(isTTY).stream }).style('bold', 'x');
    vi.stubEnv('FORCE_COLOR', undefined);
    vi.stubEnv('NO_COLOR', undefined);
    expect([styled(true), styled(false)]).toEqual(['\u001b[1mx\u001b[22m', 'x']);
    vi.stubEnv('FORCE_COLOR', '1');
    expect(styled(false)).toBe('\u001b[1mx\u001b[22m');
    vi.stubEnv('NO_COLOR', '1');
    expect([styled(true), styled(false)]).toEqual(['x', 'x']);
    vi.unstubAllEnvs();
  });
});
