// The numbers of one head as a table, beside its picture. From keystroke to keystroke most numbers stay what they were:
// only cells whose number is another are written again.
import type { MatrixPart } from '../engine/types.ts';
import { el, setAttribute, setText } from './dom.ts';
import type { MatrixStage } from './stages.ts';

export interface MatrixTableStrings {
  hidden: string;
  corner: string;
  stage: Record<MatrixStage, string>;
}

export interface MatrixTable {
  readonly node: HTMLTableElement;
  draw(matrix: MatrixPart, words: readonly string[]): void;
}

interface Line {
  node: HTMLElement;
  word: HTMLElement;
  cells: HTMLElement[];
}

export function createMatrixTable(
  strings: MatrixTableStrings,
  format: (stage: MatrixStage, value: number) => string,
): MatrixTable {
  const caption = el('caption');
  const header = el('tr', {}, el('th', { scope: 'col' }, strings.corner));
  const body = el('tbody');
  const node = el('table', {}, caption, el('thead', {}, header), body);
  const heads: HTMLElement[] = [];
  const lines: Line[] = [];
  let last: MatrixPart | undefined;

  /** As many as there are to be: new ones at the end, or none of the last ones. */
  function keep<T>(list: T[], count: number, create: (index: number) => T, drop: (item: T) => void): void {
    while (list.length > count) drop(list.pop()!);
    while (list.length < count) list.push(create(list.length));
  }

  function createLine(): Line {
    const word = el('th', { scope: 'row' });
    const line = { node: el('tr', {}, word), word, cells: [] };
    body.append(line.node);
    return line;
  }

  function createHead(): HTMLElement {
    const head = el('th', { scope: 'col' });
    header.append(head);
    return head;
  }

  return {
    node,
    draw(matrix, words) {
      const { rows, cols, values, hidden, stage } = matrix;
      const before = last?.stage === stage ? last : undefined;
      if (before === matrix) return;
      last = matrix;
      setAttribute(node, 'data-matrix-table', stage);
      setText(caption, strings.stage[stage]);
      keep(heads, cols, createHead, (head) => head.remove());
      heads.forEach((head, j) => {
        setText(head, words[j] ?? '');
      });
      keep(lines, rows, createLine, (line) => line.node.remove());
      lines.forEach((line, i) => {
        setText(line.word, words[i] ?? '');
        const known = line.cells.length;
        const create = (j: number) => {
          const cell = el('td', { 'data-row': i, 'data-column': j });
          line.node.append(cell);
          return cell;
        };
        keep(line.cells, cols, create, (cell) => cell.remove());
        line.cells.forEach((cell, j) => {
          const at = i * cols + j;
          const value = values[at]!;
          if (before && j < known && i < before.rows && j < before.cols) {
            const old = i * before.cols + j;
            if (before.values[old] === value && before.hidden[old] === hidden[at]) return;
          }
          setText(cell, hidden[at] ? strings.hidden : format(stage, value));
          setAttribute(cell, 'data-value', value);
          setAttribute(cell, 'data-hidden', hidden[at] === 1);
        });
      });
    },
  };
}
