// Play, step, scrub: the reader's hand on the time. The stages stand along the line where they are complete.
import { el, keepChildren, setAttribute, setStyle, setText } from './dom.ts';
import { type StageName, stageAt, stageMarks } from './stages.ts';

export interface TimelineStrings {
  label: string;
  play: string;
  pause: string;
  back: string;
  step: string;
  speed: string;
  stage: Record<StageName, string>;
  /** One sentence on what happens at a stage. */
  caption: Record<StageName, string>;
}

export interface TimelineHandlers {
  toggle(): void;
  step(direction: 1 | -1): void;
  scrub(t: number): void;
  speed(factor: number): void;
}

export interface TimelineState {
  t: number;
  playing: boolean;
  causal: boolean;
  speed: number;
}

export const kSpeeds: readonly number[] = [0.5, 1, 2];
/** The slider counts in thousandths. */
const kGrain = 1000;

export function createTimeline(
  host: HTMLElement,
  strings: TimelineStrings,
  handlers: TimelineHandlers,
): { draw(state: TimelineState): void } {
  const icon = el('span', { class: 'icon', 'aria-hidden': 'true' });
  const play = el('button', { type: 'button', class: 'play', 'data-play': true }, icon);
  const back = el(
    'button',
    { type: 'button', class: 'step-button', 'aria-label': strings.back, 'data-back': true },
    '‹',
  );
  const step = el(
    'button',
    { type: 'button', class: 'step-button', 'aria-label': strings.step, 'data-step-on': true },
    '›',
  );
  const slider = el('input', {
    type: 'range',
    min: 0,
    max: kGrain,
    step: 1,
    'aria-label': strings.label,
    'data-time': true,
  });
  const marks = el('div', { class: 'marks', 'data-marks': true });
  const speed = el('button', { type: 'button', class: 'speed', 'data-speed': true });
  const caption = el('p', { class: 'caption', 'data-caption': true });
  host.append(
    el('div', { class: 'transport' }, back, play, step),
    el('div', { class: 'track' }, slider, marks),
    speed,
    caption,
  );
  let factor = 1;
  play.addEventListener('click', () => handlers.toggle());
  back.addEventListener('click', () => handlers.step(-1));
  step.addEventListener('click', () => handlers.step(1));
  slider.addEventListener('input', () => handlers.scrub(Number(slider.value) / kGrain));
  speed.addEventListener('click', () => {
    const next = kSpeeds[(kSpeeds.indexOf(factor) + 1) % kSpeeds.length]!;
    handlers.speed(next);
  });

  return {
    draw({ t, playing, causal, speed: now }) {
      factor = now;
      const stage = stageAt(t, causal);
      setAttribute(play, 'aria-label', playing ? strings.pause : strings.play);
      setAttribute(play, 'data-playing', playing);
      setText(speed, `${now} ×`);
      setAttribute(speed, 'aria-label', `${strings.speed}: ${now}`);
      const value = String(Math.round(t * kGrain));
      if (slider.value !== value) slider.value = value;
      setAttribute(slider, 'aria-valuetext', strings.caption[stage]);
      setStyle(host, '--t', t.toFixed(4));
      const list = stageMarks(causal);
      const nodes = keepChildren(marks, list.length, () => {
        const mark = el('button', { type: 'button', class: 'mark', tabindex: -1 });
        mark.addEventListener('click', () => handlers.scrub(Number(mark.dataset.at)));
        return mark;
      });
      list.forEach((mark, index) => {
        const node = nodes[index]!;
        setText(node, strings.stage[mark.name]);
        setAttribute(node, 'data-at', mark.at);
        setAttribute(node, 'data-name', mark.name);
        setAttribute(node, 'data-reached', t >= mark.at - 1e-6);
        setAttribute(node, 'data-current', mark.name === stage);
        setStyle(node, '--at', String(mark.at));
      });
      setText(caption, strings.caption[stage]);
    },
  };
}
