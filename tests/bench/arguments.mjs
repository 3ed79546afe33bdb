// The command's arguments.

import { Sentence } from '../../build-scripts/console.mjs';
import { caseOf, kAllShapes, kQuickShapes } from './cases.mjs';

export const kEngines = ['node', 'chromium', 'firefox', 'native'];

/** { quick, engine, shapes, json, chart }; throws a Sentence that names what it does not understand. */
export function parseArguments(args) {
  const options = { quick: false, engine: 'node', shapes: undefined, json: undefined, chart: undefined };
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = args[i].split(/=(.*)/s);
    const value = () => {
      const given = attached ?? args[++i];
      if (!given || given.startsWith('--')) throw new Sentence(`${name} needs a value.`);
      return given;
    };
    if (name === '--quick') options.quick = true;
    else if (name === '--engine') options.engine = value();
    else if (name === '--json') options.json = value();
    else if (name === '--chart') options.chart = value();
    else if (name === '--shapes') options.shapes = value().split(',');
    else
      throw new Sentence(
        `There is no "${args[i]}": --quick, --engine ${kEngines.join('|')}, --shapes LIST, --json FILE, --chart FILE.`,
      );
  }
  if (!kEngines.includes(options.engine))
    throw new Sentence(`There is no engine "${options.engine}": ${kEngines.join(', ')}.`);
  options.shapes ??= options.quick ? kQuickShapes : kAllShapes;
  const unknown = options.shapes.find((name) => !caseOf(name));
  if (unknown !== undefined)
    throw new Sentence(
      `There is no shape "${unknown}": n64, n1024c (causal), s64, decode, sgemm512, model64, tokens, peak.`,
    );
  return options;
}
