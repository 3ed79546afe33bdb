import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../web/views/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

describe.each(files)('web/views/%s', (name) => {
  const source = readFileSync(new URL(name, folder), 'utf8');

  it('knows the engine by its types alone, and nothing of the page', () => {
    const imports = [...source.matchAll(/^import (type )?[^;]*? from '([^']+)';/gms)];
    for (const [, typeOnly, from] of imports) {
      if (from!.includes('/engine/')) expect(typeOnly, from).toBe('type ');
      expect(from).not.toContain('/page/');
    }
  });

  it('computes no attention of its own and draws nothing by chance', () => {
    expect(source).not.toMatch(/Math\.(exp|random|tanh)\b/);
  });

  it('waits for nothing: it draws at once', () => {
    expect(source).not.toMatch(/\basync\b|\bawait\b|setTimeout|requestAnimationFrame/);
  });
});
