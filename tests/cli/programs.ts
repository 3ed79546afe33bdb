// Programs as a person starts them: what they print, and how they end.
import { spawn } from 'node:child_process';

export interface Ended {
  /** The exit code, or the signal that ended it. */
  code: number | NodeJS.Signals | null;
  out: string;
  err: string;
}

/** `heard` is called with all that was printed so far, and may send signals. */
export function start(
  program: string,
  args: readonly string[],
  { cwd, heard }: { cwd: string; heard?: (out: string, kill: (signal: NodeJS.Signals) => void) => void },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      heard?.(out, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ?? code, out, err }));
  });
}
