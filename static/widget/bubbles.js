/** What one message looks like, and the small lines between messages. */
import { cleaned, linked } from "./clean.js";
import { h, icon } from "./dom.js";
import { FILE } from "./icons.js";
import { amountOf, t, timeOf } from "./words.js";

/** @param {string} label */
export const dayLine = (label) => h("div.d", null, h("span", null, label));

/** @param {any} it */
export function bubble(it) {
  const isOwn = it.by === "me";
  const who = isOwn ? t("you") : (it.agent?.name ?? "");
  const said = it.html && !isOwn ? cleaned(it.html) : isOwn ? it.text : linked(it.text);
  const local = (it.entry?.files ?? []).map((/** @type {File} */ file) => ({ name: file.name, size: file.size, type: file.type, url: URL.createObjectURL(file), is_image: isPicture(file) }));
  const files = it.entry ? local : (it.files ?? []);
  return h(
    `div.m${isOwn ? ".me" : it.by === "desk" ? ".desk" : ""}`,
    { title: timeOf(new Date(it.at)) },
    who && h("span.hidden", null, `${who}: `),
    (it.text || it.html) && h("div.said", { dir: "auto" }, said),
    ...files.map(fileOf),
  );
}

/** Pictures that browsers draw, without what may hold a script. @param {File} file */
const isPicture = (file) => /^image\/(png|jpe?g|gif|webp|avif)$/.test(file.type);

/** What is no picture after all. @param {Event} event */
const drawn = ({ target }) => /** @type {Element} */ (target).replaceWith(h("span.thumb", null, icon(FILE)));

/** @param {any} file */
function fileOf({ name, size, type, url, is_image }) {
  if (/^audio\//.test(type ?? "")) return h("figure.voice", null, h("figcaption.hidden", null, name), h("audio", { controls: true, src: url, preload: "metadata" }));
  const sign = is_image ? h("img.thumb", { src: url, alt: t("picture", { name }), loading: "lazy", onerror: drawn }) : h("span.thumb", null, icon(FILE));
  return h(
    "a.file",
    { href: url, target: "_blank", rel: "noopener noreferrer", title: name },
    sign,
    h("span.words", null, h("span.cut", { dir: "auto" }, name), size > 0 && h("small", null, sizeOf(size))),
    h("span.hidden", null, ` (${t("opensNew")})`),
  );
}

/** @param {number} bytes */
export function sizeOf(bytes) {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  return kilobytes < 1000 ? amountOf(kilobytes, "kilobyte") : amountOf(kilobytes / 1024, "megabyte");
}

const LINES = new WeakMap();

/** What is below one of our own messages; the same element as long as it says the same. @param {any} it @param {{name: string, at?: string} | undefined} state @param {any} outbox */
export function stateLine(it, state, outbox) {
  if (!state) return null;
  const holder = it.entry ?? it;
  const key = `${state.name} ${state.at ?? ""} ${it.entry?.reason ?? ""}`;
  const known = LINES.get(holder);
  if (known?.key === key) return known.line;
  const line = makeLine(state, it.entry, outbox);
  LINES.set(holder, { key, line });
  return line;
}

/** @param {{name: string, at?: string}} state @param {any} entry @param {any} outbox */
function makeLine(state, entry, outbox) {
  if (state.name === "failed") return failedLine(entry, outbox);
  if (state.name === "seen" && state.at) return h("div.s", null, t("seenAt", { time: timeOf(new Date(state.at)) }));
  return h(`div.s${state.name === "waiting" ? ".late" : ""}`, null, t(state.name));
}

/** @param {any} entry @param {any} outbox */
function failedLine(entry, outbox) {
  const reason = entry.reason === "lostFiles" ? t("lostFiles") : entry.reason;
  return h(
    "div.s.bad",
    { role: "alert" },
    h("span", null, `${t("failed")} ${reason}`.trim()),
    entry.reason !== "lostFiles" && h("button", { type: "button", onclick: () => outbox.retry(entry) }, t("retry")),
    h("button", { type: "button", onclick: () => outbox.remove(entry) }, t("remove")),
  );
}

/** @param {string} name */
export const typingDots = (name) => h("div.m.ty", null, h("span.hidden", null, t("typing", { name })), h("i"), h("i"), h("i"));
