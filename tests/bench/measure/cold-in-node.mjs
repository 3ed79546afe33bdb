// node measure/cold-in-node.mjs SETTINGS: prints the seconds of a cold start in this process.

import { coldStart } from './cold.mjs';
import { nodeHost } from './node-host.mjs';

const settings = JSON.parse(process.argv[2]);
console.log(JSON.stringify({ cold: await coldStart(nodeHost(settings), settings.contestant) }));
process.exit(0); // TensorFlow.js keeps a timer
