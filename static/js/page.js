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
