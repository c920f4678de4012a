import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockOwnerState, ownLock, parseLockOwner } from './lock-owner.ts';

describe('the owner of a lock', () => {
  it('is alive, dead, or on another machine', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e6)'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const owner = { pid: child.pid!, host: hostname(), started: null };
    expect(lockOwnerState(ownLock())).toBe('living');
    expect(lockOwnerState(owner)).toBe('living');
    expect(lockOwnerState({ ...owner, host: 'elsewhere' })).toBe('elsewhere');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(lockOwnerState(owner)).toBe('gone');
  });

  it('is read only from a valid lock file', () => {
    expect(parseLockOwner({ pid: 7, host: 'a', started: 'b/1', more: 1 })).toEqual({
      pid: 7,
      host: 'a',
      started: 'b/1',
    });
    expect(parseLockOwner({ pid: 7, host: 'a' })).toEqual({ pid: 7, host: 'a', started: null });
    for (const value of [
      null,
      7,
      [],
      {},
      { pid: 0, host: 'a' },
      { pid: -1, host: 'a' },
      { pid: 1.5, host: 'a' },
      { pid: '7', host: 'a' },
      { pid: 7 },
    ]) {
      expect(parseLockOwner(value)).toBeUndefined();
    }
  });
});
