// Starts the page: says in one sentence what is missing where the engine cannot run, and opens the workbench otherwise.
import { strings } from './strings.ts';
import { openWorkbench } from './workbench.ts';

// What the document says where no script starts: opened as a file, for one.
document.getElementById('not-started')?.remove();
openWorkbench(strings);
