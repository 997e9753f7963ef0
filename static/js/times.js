/**
 * Times that move. The page comes with clock times; here they become "4m" in the list,
 * "8 min" on a due chip (amber an hour before, red a quarter of an hour before), how long a
 * chat has been waiting, and how long a conversation has been open.
 */
import { fill } from "./page.js";

const MINUTE = 60_000;
const SOON = 60 * MINUTE;
const LATE = 15 * MINUTE;
const REFRESH = 15_000;
const REFRESH_WAITING = 3000;
const RED_AFTER = 3;

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["year", 525_600],
  ["week", 10_080],
  ["day", 1440],
  ["hour", 60],
  ["minute", 1],
];

const language = document.documentElement.lang || undefined;
const rightNow = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" }).format(0, "second");

/** @param {number} value @param {string} unit @param {"narrow" | "short"} unitDisplay */
const inUnit = (value, unit, unitDisplay) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay }).format(value);

/** The largest unit that fits. @param {number} minutes @param {"narrow" | "short"} display */
function roughly(minutes, display) {
  const [unit, size] = UNITS.find(([, each]) => minutes >= each) ?? ["minute", 1];
  return inUnit(Math.floor(minutes / size), unit, display);
}

/** Up to two units: 1 hr 12 min. @param {number} minutes */
function precisely(minutes) {
  if (minutes < 60 || minutes >= 1440) return roughly(minutes, "short");
  const rest = Math.floor(minutes % 60);
  const hours = inUnit(Math.floor(minutes / 60), "hour", "short");
  return rest ? `${hours} ${inUnit(rest, "minute", "short")}` : hours;
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element */
const minutesSince = (element) =>
  (Date.now() - Date.parse(element.getAttribute("datetime") ?? "")) / MINUTE;

/** @param {Element} time */
function showAgo(time) {
  const minutes = minutesSince(time);
  write(time, minutes < 1 ? rightNow : roughly(minutes, "narrow"));
}

/** @param {HTMLElement} chip */
function showDue(chip) {
  const left = Date.parse(chip.dataset.due ?? "") - Date.now();
  // A chat is told by how long it has been waiting: its first minute is no alarm.
  const isChat = Boolean(chip.parentElement?.querySelector("[data-waiting]"));
  chip.classList.toggle("is-danger", left < (isChat ? 0 : LATE));
  chip.classList.toggle("is-warn", !isChat && left >= LATE && left < SOON);
  const time = chip.querySelector("time");
  const sentence = (left < 0 ? chip.dataset.late : chip.dataset.label) ?? "{time}";
  if (time) write(time, fill(sentence, { time: precisely(Math.abs(left) / MINUTE) }));
}

/**
 * A chat that nobody answers: amber once it has waited as long as the channel says, red
 * after three times as long. @param {HTMLElement} chip
 */
function showWaiting(chip) {
  const waited = Date.now() - Date.parse(chip.dataset.waiting ?? "");
  const patience = Number(chip.dataset.after) * 1000;
  chip.hidden = !patience || waited < patience;
  chip.classList.toggle("is-danger", waited >= patience * RED_AFTER);
  chip.classList.toggle("is-warn", waited < patience * RED_AFTER);
  const time = chip.querySelector("time");
  const minutes = waited / MINUTE;
  const long = minutes < 1 ? inUnit(Math.floor(waited / 1000), "second", "short") : precisely(minutes);
  if (time) write(time, fill(chip.dataset.label ?? "{time}", { time: long }));
}

function showAllWaiting() {
  for (const chip of document.querySelectorAll("[data-waiting]"))
    showWaiting(/** @type {HTMLElement} */ (chip));
}

function showAll() {
  showAllWaiting();
  for (const time of document.querySelectorAll("time[data-ago]")) showAgo(time);
  for (const time of document.querySelectorAll("time[data-elapsed]"))
    write(time, precisely(minutesSince(time)));
  for (const chip of document.querySelectorAll("[data-due]"))
    showDue(/** @type {HTMLElement} */ (chip));
}

document.addEventListener("htmx:after:swap", showAll);
setInterval(showAll, REFRESH);
setInterval(showAllWaiting, REFRESH_WAITING);
showAll();
