// Debian's packages for the whole system, where that is possible without asking: as root, or with a sudo that needs no
// password.

import { findOnPath, run, say } from './console.mjs';

/** Installs packages; whether that could be tried. `purpose` ends the sentence that is said. */
export async function aptInstall(names, purpose) {
  const aptGet = findOnPath('apt-get');
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? undefined : findOnPath('sudo');
  const allowed = isRoot || (sudo && (await run(sudo, ['-n', 'true'], { quiet: true })).code === 0);
  if (!aptGet || !allowed) return false;
  say(`Installing Debian's ${names.length > 1 ? 'packages' : 'package'} ${names.join(' and ')} ${purpose}.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const asRoot = (args) => run(sudo ?? aptGet, sudo ? ['-n', aptGet, ...args] : args, { quiet: true, env });
  await asRoot(['update']);
  await asRoot(['install', '-y', '--no-install-recommends', ...names]);
  return true;
}
