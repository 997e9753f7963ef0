/** A small choice of emoji, all of it by keyboard. */
import { EMOJI } from "../js/emoji.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** @param {HTMLElement} place @param {HTMLElement} button @param {(character: string) => void} insert */
export function emojiPicker(place, button, insert) {
  const close = () => {
    place.replaceChildren();
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  if (place.querySelector(".emoji")) return close();
  const keys = EMOJI.map(({ character }, index) =>
    h("button", { type: "button", tabindex: index ? "-1" : "0", onclick: () => insert(character) }, character),
  );
  const picker = h("div.emoji", { role: "group", "aria-label": t("emoji") }, ...keys);
  picker.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      return close();
    }
    const next = moved(keys, event.key, getComputedStyle(picker));
    if (!next) return;
    event.preventDefault();
    for (const key of keys) key.tabIndex = key === next ? 0 : -1;
    next.focus();
  });
  place.replaceChildren(picker);
  button.setAttribute("aria-expanded", "true");
  keys[0].focus();
}

/** @param {HTMLElement[]} keys @param {string} key @param {CSSStyleDeclaration} style */
function moved(keys, key, style) {
  const columns = style.gridTemplateColumns.split(" ").length;
  const forward = style.direction === "rtl" ? -1 : 1;
  const steps = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns, ArrowUp: -columns };
  const at = keys.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (key === "Home") return keys[0];
  if (key === "End") return keys.at(-1);
  const step = steps[/** @type {keyof typeof steps} */ (key)];
  return step ? keys[at + step] : undefined;
}
