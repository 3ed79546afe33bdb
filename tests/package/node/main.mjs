import { job } from './job.js';

const inWorker = await job();
const inThread = await job({ worker: false });
console.log(JSON.stringify({ inWorker, inThread }));
