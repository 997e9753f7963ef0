/** Elements, written short. What people typed only ever becomes text. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Make an element: `h("button.card.row", { type: "button", onclick, "--c": color }, "Text")`.
 * @param {string} what tag and classes
 * @param {Record<string, any> | null} [given]
 * @param {...Child} children
 * @returns {any}
 */
export function h(what, given, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(given ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(.../** @type {any} */ (children.filter((it) => it || it === 0)));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Draw one of the shapes. @param {string} path @param {string} [classes] */
export function icon(path, classes = "") {
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  svg.setAttribute("class", `i ${classes}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/**
 * A button that shows a shape only.
 * @param {string} path
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {string} [classes]
 */
export const iconButton = (path, label, onclick, classes = "") =>
  h(`button.tool${classes && `.${classes}`}`, { type: "button", "aria-label": label, title: label, onclick }, icon(path));

/** @param {{name: string, initials?: string, color?: number} | null} person */
export const face = (person) => h(`span.av.c${person?.color ?? "x"}`, { "aria-hidden": "true" }, person?.initials ?? "");

/** Who answers while nobody in particular does. @param {string} brand */
export const anybody = (brand) => ({ name: brand, initials: [...brand].slice(0, 2).join("").toUpperCase() });

/** Let the keyboard go on from here, without a ring around what is no control. @param {HTMLElement | null} element */
export function focusOn(element) {
  if (!element) return;
  if (!element.matches("a, button, input, textarea, select, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
