// The entry of a training's worker: its host behind messages.

import { TrainingHost } from './training-host.ts';
import type { TrainingHostOptions } from './training-protocol.ts';
import { serve } from './wire.ts';

serve((options: TrainingHostOptions, context) => TrainingHost.start(options, context));
