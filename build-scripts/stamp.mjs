// Skips work whose inputs have not changed: a step's stamp holds a hash of the contents of its input files.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** All files under `entries` (files or folders, relative to `root`), sorted; what does not exist is left out. */
export function listFiles(root, entries) {
  const files = [];
  const visit = (relative) => {
    const status = fs.statSync(path.join(root, relative), { throwIfNoEntry: false });
    if (status?.isFile()) files.push(relative);
    if (status?.isDirectory())
      for (const name of fs.readdirSync(path.join(root, relative))) visit(`${relative}/${name}`);
  };
  for (const entry of entries) visit(entry);
  return files.sort();
}

/** A hash over names and contents of all files under `entries`, and over `extra` strings. */
export function contentKey(root, entries, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const file of listFiles(root, entries)) {
    const content = fs.readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Number of the process that holds the lock; this one's own (so: ask again) where the lock has just gone. */
function holderOf(lock) {
  try {
    return Number(fs.readFileSync(lock, 'utf8'));
  } catch {
    return process.pid;
  }
}

/**
 * Runs `work` while no other process runs the work of that name: two builds in one folder would write over each other.
 * The lock holds the process's number; one that was left behind by a process that is gone counts for nothing.
 */
export async function alone(root, name, work) {
  const lock = path.join(root, 'build/stamps', `${name}.lock`);
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAlive(holderOf(lock))) await new Promise((resolve) => setTimeout(resolve, 100));
    else fs.rmSync(lock, { force: true });
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/**
 * Runs `work` unless the stamp `name` says that it was done for the same `key` and every output still exists. The stamp
 * is written after the work, so work that failed or was interrupted is done again. Says whether it ran.
 */
export async function unlessDone({ root, name, key, outputs, work }) {
  const stamp = path.join(root, 'build/stamps', name);
  const isDone = () =>
    fs.existsSync(stamp) &&
    fs.readFileSync(stamp, 'utf8') === key &&
    outputs.every((file) => fs.existsSync(path.join(root, file)));
  if (isDone()) return false;
  return alone(root, name, async () => {
    if (isDone()) return false;
    fs.rmSync(stamp, { force: true });
    await work();
    fs.writeFileSync(stamp, key);
    return true;
  });
}
