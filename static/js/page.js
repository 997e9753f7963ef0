/** What small helpers the other modules share. */

/** @param {string} name */
export const meta = (name) =>
  document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";

export const isApple = /Mac|iPhone|iPad|iPod/.test(navigator.platform);

/** @param {KeyboardEvent} event */
export const hasMod = (event) => (isApple ? event.metaKey : event.ctrlKey);

/**
 * Put values into a sentence with {named} gaps.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));

/**
 * @template {(...args: any[]) => void} F
 * @param {F} callback
 * @param {number} wait
 */
export function debounce(callback, wait) {
  let timer = 0;
  /** @param {Parameters<F>} args */
  return (...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => callback(...args), wait);
  };
}

/**
 * Calls back soon, and once every `pause` ms while it is wanted all the time: whoever
 * waited for silence would wait for ever on a busy day.
 *
 * @param {() => void} callback
 * @param {{ wait: number, pause: number }} times how soon the first time, and whoever is in a hurry
 */
export function spaced(callback, { wait, pause }) {
  let timer = 0;
  let last = -Infinity;
  const done = () => {
    timer = 0;
    last = performance.now();
    callback();
  };
  return ({ isUrgent = false } = {}) => {
    if (timer && !isUrgent) return;
    clearTimeout(timer);
    const due = last + pause - performance.now();
    timer = window.setTimeout(done, isUrgent ? wait : Math.max(wait, due));
  };
}

/** @param {EventTarget | null} target */
export const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"));

/** The element that asked, of any htmx event. @param {Event} event */
export const sourceOf = (event) =>
  /** @type {HTMLElement | undefined} */ (
    /** @type {CustomEvent} */ (event).detail?.ctx?.sourceElement
  );

/** The id of the conversation on screen, if any. */
export const openConversation = () =>
  document.querySelector("[data-conversation]")?.getAttribute("data-conversation") ?? null;

/** Tell every part that listens that a conversation is different now. @param {string | number} id */
export function announceChange(id) {
  document.body.dispatchEvent(new CustomEvent(`conversation-${id}:changed`));
}
