/**
 * The page around the panel. Which pages may show it is said by its policy, which no
 * script gets around; here it is made sure that nobody else speaks: only our own parent,
 * from an allowed origin, once it has said hello, in the shapes below.
 */

/** @typedef {{type: string, [name: string]: any}} Letter */

const text = (/** @type {any} */ value) => (typeof value === "string" && value.length <= 20_000 ? value : undefined);
const flag = (/** @type {any} */ value) => (typeof value === "boolean" ? value : undefined);
/** Flat, and under no name that every object has anyway. */
const facts = (/** @type {any} */ value) => {
  if (value === null || typeof value !== "object") return undefined;
  const isFact = ([name, fact]) => /^(string|number|boolean)$/.test(typeof fact) && !(name in Object.prototype);
  return Object.fromEntries(Object.entries(value).filter(isFact).slice(0, 50));
};
const proof = (/** @type {any} */ value) => text(value) ?? facts(value);

const SHAPES = {
  hello: { url: text, title: text, attributes: facts, language: text, visible: flag },
  open: {},
  close: {},
  identify: { identity: proof },
  forget: {},
  set: { attributes: facts },
  ask: { text },
  language: { code: text },
  page: { url: text, title: text },
  invite: { key: text, text },
};

/** Return the letter with exactly what it may say, or null. @param {any} data @returns {Letter | null} */
export function understood(data) {
  if (data?.tributary !== 1 || !Object.hasOwn(SHAPES, data.type)) return null;
  /** @type {Letter} */
  const letter = { type: data.type };
  for (const [name, read] of Object.entries(SHAPES[data.type])) {
    letter[name] = Object.hasOwn(data, name) ? read(data[name]) : undefined;
    if (letter[name] === undefined) return null;
  }
  return letter;
}

/** Whether it is one of `patterns`, where `*` stands for any name or port. @param {string} origin @param {string[]} patterns */
export function isAllowed(origin, patterns) {
  return patterns.some((pattern) => {
    const [start, end] = pattern.split("*");
    if (end === undefined) return origin === pattern;
    return origin.length > start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
  });
}

export class Host {
  #origin = "";
  isAlone = window.parent === window;

  /** @param {(letter: Letter) => void} receive @param {string[]} [origins] */
  constructor(receive, origins = []) {
    addEventListener("message", ({ source, origin, data }) => {
      if (this.isAlone || source !== window.parent || !isAllowed(origin, [location.origin, ...origins])) return;
      const letter = understood(data);
      if (!letter || (this.#origin ? origin !== this.#origin : letter.type !== "hello")) return;
      this.#origin = origin;
      receive(letter);
    });
  }

  /** Before it said hello nobody is told more than that we are here. @param {string} type @param {object} [more] */
  tell(type, more = {}) {
    if (this.isAlone || (!this.#origin && type !== "ready")) return;
    window.parent.postMessage({ ...more, tributary: 1, type }, this.#origin || "*");
  }
}
