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

/**
 * Runs `work` unless the stamp `name` says that it was done for the same `key` and every output still exists. The stamp
 * is written after the work, so work that failed or was interrupted is done again.
 */
export async function unlessDone({ root, name, key, outputs, work }) {
  const stamp = path.join(root, 'build/stamps', name);
  const written = fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : '';
  if (written === key && outputs.every((file) => fs.existsSync(path.join(root, file)))) return false;
  fs.rmSync(stamp, { force: true });
  await work();
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, key);
  return true;
}
