// limelight-attention: attention, computed for real. Importing this touches nothing; loadEngine() starts the work.

export { loadEngine } from './engine.ts';
export { LimelightError } from './errors.ts';
export type * from './types.ts';
