/** A voice note, recorded here and sent as a file. */
import { h } from "./dom.js";
import { runningTime, t } from "./words.js";

const LONGEST = 5 * 60;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/**
 * The microphone is never left open: not when the place to write goes away, and not
 * behind a panel that was closed.
 *
 * @param {HTMLElement} place @param {AbortSignal} leaving @param {() => boolean} isOpen @returns {Promise<File | null>} nothing if it was discarded
 */
export async function record(place, leaving, isOpen) {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  // It may have been allowed after a long while.
  if (leaving.aborted || !isOpen()) return shut(sound);
  const mimeType = KINDS.find((it) => MediaRecorder.isTypeSupported(it));
  const recorder = new MediaRecorder(sound, mimeType ? { mimeType } : {});
  /** @type {Blob[]} */
  const parts = [];
  let isKept = false;
  const clock = h("span", { role: "timer" });
  const stop = h("button.link", { type: "button", onclick: () => finish(true) }, t("stop"));
  const discard = h("button.link.quiet", { type: "button", onclick: () => finish(false) }, t("discard"));
  const strip = h("div.recording", null, h("span.live"), clock, h("span.ways", null, discard, stop));
  strip.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    finish(false);
  });
  const began = Date.now();
  const tick = () => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    clock.textContent = t("recording", { time: runningTime(seconds) });
    if (seconds >= LONGEST) finish(true);
  };
  const ticking = setInterval(tick, 500);

  /** @param {boolean} keeps */
  function finish(keeps) {
    isKept = keeps;
    if (recorder.state !== "inactive") recorder.stop();
  }

  leaving.addEventListener("abort", () => finish(false));
  strip.addEventListener("finish", () => finish(true));
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const done = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  tick();
  place.replaceChildren(strip);
  stop.focus();
  await done;
  clearInterval(ticking);
  shut(sound);
  place.replaceChildren();
  return isKept ? noteOf(parts, recorder.mimeType) : null;
}

/** @param {MediaStream} sound */
function shut(sound) {
  for (const track of sound.getTracks()) track.stop();
  return null;
}

/** @param {Blob[]} parts @param {string} mimeType */
function noteOf(parts, mimeType) {
  const type = mimeType.split(";")[0] || "audio/webm";
  const ending = { "audio/mp4": "m4a", "audio/ogg": "ogg" }[type] ?? "webm";
  return new File(parts, `${t("voiceNote")}.${ending}`, { type });
}
