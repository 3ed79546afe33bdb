// What the engine computes on typed arrays alone. A page that only runs models never asks for it, so it is loaded with the
// first call that does.

export { attention } from './attention.ts';
export { attentionGradient } from './attention-gradient.ts';
export { Cache } from './caches.ts';
export { explain, margins } from './explain.ts';
export { linearAttention } from './linear-attention.ts';
export { measure } from './measure.ts';
export { rotaryTable, rotate } from './rotary.ts';
