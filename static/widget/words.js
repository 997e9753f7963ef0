/** The words of the page, and numbers and times as its language writes them. */

/** @type {Record<string, string>} */
let words = {};
let language = "en";
const TAGS = { "zh-hans": "zh-Hans", "zh-hant": "zh-Hant" };

/** Read the words that a page brings. @param {Document} page */
export function readWords(page) {
  words = JSON.parse(page.getElementById("words")?.textContent ?? "{}");
  language = page.documentElement.lang || "en";
}

export const spoken = () => language;
const tag = () => TAGS[/** @type {keyof typeof TAGS} */ (language)] ?? language;

/** Say something, with values in its {named} gaps. @param {string} key @param {Record<string, string | number>} [values] */
export const t = (key, values = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));

/** @param {number} amount @param {"minute" | "hour" | "day" | "kilobyte" | "megabyte"} unit */
export const amountOf = (amount, unit) =>
  new Intl.NumberFormat(tag(), {
    style: "unit",
    unit,
    unitDisplay: unit.endsWith("byte") ? "short" : "long",
    maximumFractionDigits: 1,
  }).format(amount);

/** @param {number} number */
export const written = (number) => new Intl.NumberFormat(tag()).format(number);

/** How long something has run, in minutes and seconds. @param {number} seconds */
export const runningTime = (seconds) =>
  `${written(Math.floor(seconds / 60))}:${new Intl.NumberFormat(tag(), { minimumIntegerDigits: 2 }).format(seconds % 60)}`;

/** How long an answer takes. @param {number} minutes */
export function durationOf(minutes) {
  if (minutes < 60) return amountOf(Math.max(1, Math.round(minutes)), "minute");
  if (minutes < 24 * 60) return amountOf(Math.round(minutes / 60), "hour");
  return amountOf(Math.round(minutes / 1440), "day");
}

/** @param {Date} at @param {Intl.DateTimeFormatOptions} options */
const format = (at, options) => new Intl.DateTimeFormat(tag(), options).format(at);

/** @param {Date} at @param {string} [timeZone] */
export const timeOf = (at, timeZone) => format(at, { ...clock(), minute: "2-digit", timeZone });

/** @param {Date} at @param {string} [timeZone] */
export const dayOf = (at, timeZone) => format(at, { day: "numeric", month: "long", year: "numeric", timeZone });

/** @param {Date} at @param {string} [timeZone] */
export const weekdayAndTime = (at, timeZone) => `${format(at, { weekday: "long", timeZone })} ${timeOf(at, timeZone)}`;

/** Whether two moments are on the same day there. @param {Date} one @param {Date} other @param {string} [timeZone] */
export const isSameDay = (one, other, timeZone) => dayOf(one, timeZone) === dayOf(other, timeZone);

/** Twelve hours for those who read them so, and for nobody else. @returns {Intl.DateTimeFormatOptions} */
const clock = () =>
  language === "en" && /-(US|CA|AU|NZ|IN|PH)$/.test(navigator.language) ? { hour: "numeric", hourCycle: "h12" } : { hour: "2-digit", hourCycle: "h23" };

/** @param {string} at */
export function dayLabel(at) {
  const day = new Date(at);
  const now = new Date();
  if (isSameDay(day, now)) return t("today");
  if (isSameDay(day, new Date(now.getTime() - 86_400_000))) return t("yesterday");
  return dayOf(day);
}
