// What is in sight, asked without a layout: the browser tells when that changes.

export interface Sight {
  /** Until the browser has told, everything is taken to be in sight. */
  sees(node: Element): boolean;
}

/** `foot` sticks to the lower edge of the window: what lies under it is out of sight. */
export function createSight(nodes: readonly Element[], foot: HTMLElement, changed: () => void): Sight {
  const hidden = new Set<Element>();
  let observer: IntersectionObserver | undefined;

  function notice(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) hidden.delete(target);
      else hidden.add(target);
    }
    changed();
  }

  new ResizeObserver(() => {
    observer?.disconnect();
    observer = new IntersectionObserver(notice, { rootMargin: `0px 0px -${foot.offsetHeight}px 0px` });
    for (const node of nodes) observer.observe(node);
  }).observe(foot);

  return { sees: (node) => !hidden.has(node) };
}
