// The benchmark's place in Node: node measure/in-node.mjs SETTINGS (JSON). Prints a line of JSON for every result.

import fs from 'node:fs';
import { nodeHost } from './node-host.mjs';
import { runSuite } from './suite.mjs';

const settings = JSON.parse(process.argv[2]);
const tell = (message) => fs.writeSync(1, `${JSON.stringify(message)}\n`);
const host = {
  ...nodeHost(settings),
  report: (result) => tell({ result }),
  note: (note) => tell({ note }),
};

await runSuite(host, settings.cases);
process.exit(0); // TensorFlow.js keeps a timer
