/** The brand's color, and what can be read on it: whatever color that is. */

const WHITE = [255, 255, 255];
const INK = [29, 28, 26];
const BLACK = [0, 0, 0];
const DARK = [27, 27, 25];
const SUNKEN = [241, 239, 235];
const READABLE = 4.5;

/** @param {string} color @returns {number[]} */
function partsOf(color) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim())?.[1] ?? "0f766e";
  const long = hex.length === 3 ? [...hex].map((it) => it + it).join("") : hex;
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16));
}

/** @param {number[]} color */
function luminance(color) {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {number[]} one @param {number[]} other */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {number[]} color */
const textOn = (color) => [WHITE, INK, BLACK].find((it) => contrast(it, color) >= READABLE) ?? BLACK;

/** Move a color towards another until it can be read. @param {number[]} color @param {number[]} towards @param {number[]} surface */
function readable(color, towards, surface) {
  for (let step = 0; step <= 20; step += 1) {
    const mixed = color.map((part, at) => Math.round(part + ((towards[at] - part) * step) / 20));
    if (contrast(mixed, surface) >= READABLE) return mixed;
  }
  return towards;
}

/** @param {number[]} color */
const css = (color) => `rgb(${color.join(" ")})`;

/** @param {{color: string, radius: number, scheme: string}} theme */
export function dress({ color, radius, scheme }) {
  const { style, dataset } = document.documentElement;
  const brand = partsOf(color);
  dataset.scheme = scheme;
  style.setProperty("--accent", css(brand));
  style.setProperty("--on", css(textOn(brand)));
  style.setProperty("--accent-on-light", css(readable(brand, BLACK, SUNKEN)));
  style.setProperty("--accent-on-dark", css(readable(brand, WHITE, [45, 44, 41])));
  style.setProperty("--edge", contrast(brand, WHITE) < 1.4 || contrast(brand, DARK) < 1.2 ? "var(--line)" : "transparent");
  style.setProperty("--r", `${radius}px`);
}
