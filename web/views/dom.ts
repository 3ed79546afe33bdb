// Small helpers for building and updating elements without touching what has not changed.

type Attributes = Record<string, string | number | boolean | undefined>;

function fill(node: Element, attributes: Attributes, children: readonly (Node | string)[]): void {
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
}

/** An element with attributes; `true` sets an empty attribute, `false` and `undefined` none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(node, attributes, children);
  return node;
}

export function setAttribute(
  node: Element,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** A custom property or style, through the CSSOM (which a strict content security policy allows). */
export function setStyle(node: HTMLElement | SVGElement, name: string, value: string): void {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
}

/** Makes `host` hold exactly `count` children, made by `create` and dropped from the end. */
export function keepChildren<T extends Element>(host: Element, count: number, create: () => T): T[] {
  while (host.children.length > count) host.lastElementChild?.remove();
  while (host.children.length < count) host.append(create());
  return Array.from(host.children) as T[];
}

/** The number as the core gave it, kept on the element: the tooltip and tests read it there. */
export function setValue(node: Element, value: number, text: string): void {
  setText(node, text);
  setAttribute(node, 'data-value', value);
}

/** Says whether any of the values is another than the last time: what has not changed need not be drawn again. */
export function createMemo(): (...values: readonly unknown[]) => boolean {
  let last: readonly unknown[] = [];
  return (...values) => {
    const changed = values.length !== last.length || values.some((value, index) => value !== last[index]);
    last = values;
    return changed;
  };
}

/** The width of an element without asking the layout for it each time, which would make the browser lay out at once. */
export function watchWidth(node: HTMLElement): () => number {
  let width: number | undefined;
  new ResizeObserver((entries) => {
    width = entries[0]?.contentRect.width;
  }).observe(node);
  return () => (width ??= node.clientWidth);
}
