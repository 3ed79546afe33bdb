import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentKey, listFiles, unlessDone } from '../../build-scripts/stamp.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'limelight-stamp-'));
  put('in/a.txt', 'a');
  put('in/deep/b.txt', 'b');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, content: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

/** Does the step, which writes `out`; tells whether it had to. */
function step(work: () => void = () => put('out', 'x')): Promise<boolean> {
  const key = contentKey(root, ['in']);
  return unlessDone({ root, name: 'step', key, outputs: ['out'], work: async () => work() });
}

it('lists files of folders and files, and leaves out what is missing', () => {
  expect(listFiles(root, ['in', 'gone', 'in/a.txt'])).toEqual(['in/a.txt', 'in/a.txt', 'in/deep/b.txt']);
});

it('work is done once while nothing changes, whatever the clock says', async () => {
  expect(await step()).toBe(true);
  expect(await step()).toBe(false);
  utimesSync(join(root, 'in/a.txt'), new Date(0), new Date());
  expect(await step()).toBe(false);
});

it('work is done again when a content, a name or the set of files changes', async () => {
  await step();
  put('in/a.txt', 'A');
  expect(await step()).toBe(true);
  renameSync(join(root, 'in/a.txt'), join(root, 'in/c.txt'));
  expect(await step()).toBe(true);
  put('in/new.txt', '');
  expect(await step()).toBe(true);
  rmSync(join(root, 'in/new.txt'));
  expect(await step()).toBe(true);
  expect(await step()).toBe(false);
});

it('work is done again when an output is gone', async () => {
  await step();
  rmSync(join(root, 'out'));
  expect(await step()).toBe(true);
});

it('work that failed is not taken for done', async () => {
  const failing = () => {
    put('out', 'half');
    throw new Error('no');
  };
  await expect(step(failing)).rejects.toThrow('no');
  expect(await step()).toBe(true);
});

it('contents cannot be moved from one file into the next unnoticed', () => {
  const before = contentKey(root, ['in']);
  put('in/a.txt', '');
  put('in/deep/b.txt', 'ab');
  expect(contentKey(root, ['in'])).not.toBe(before);
});

it('two builds of one thing at once: the second waits and finds it done', async () => {
  let running = 0;
  let runs = 0;
  const build = () =>
    unlessDone({
      root,
      name: 'step',
      key: 'key',
      outputs: ['out'],
      work: async () => {
        expect(++running).toBe(1);
        runs++;
        await new Promise((resolve) => setTimeout(resolve, 50));
        put('out', 'done');
        running--;
      },
    });
  expect((await Promise.all([build(), build(), build()])).filter(Boolean)).toHaveLength(1);
  expect(runs).toBe(1);
});

it('a lock that a killed process left behind holds nobody up', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  put('build/stamps/step.lock', String(pid));
  expect(await step()).toBe(true);
});
