/** The place to write: words, files, pictures, a voice note. */
import { h, icon, iconButton } from "./dom.js";
import { sizeOf } from "./bubbles.js";
import { CAMERA, CLIP, MICROPHONE, SEND, SMILE } from "./icons.js";
import { X } from "./shapes.js";
import { t, written } from "./words.js";

const LONGEST = 10_000;
const MOST_FILES = 5;
const STILL_TYPING = 5000;
/** What voice notes may end in. */
const VOICE = ["webm", "m4a", "ogg"];

/** @param {any} screen the conversation that is written to @param {string} text */
export const composer = (screen, text) => new Composer(screen, text);

class Composer {
  /** @type {File[]} */
  #files = [];
  #typing = 0;
  /** What the draft is kept under. */
  #place = "";

  /** @param {any} screen @param {string} text */
  constructor(screen, text) {
    this.screen = screen;
    this.store = screen.app.store;
    this.#place = this.#placeOfDraft();
    this.rules = screen.app.channel.files;
    this.most = this.rules.max_bytes;
    this.input = h("textarea", { rows: 1, "aria-label": t("write"), placeholder: t("write"), dir: "auto", enterkeyhint: "send", oninput: () => this.#typed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), onpaste: (/** @type {ClipboardEvent} */ event) => this.#pasted(event) });
    this.input.value = text || this.store.draftOf(this.#place);
    this.problem = h("p.problem", { role: "alert" });
    this.chips = h("ul.chips", { hidden: true });
    this.strip = h("div.strip");
    this.emoji = iconButton(SMILE, t("emoji"), () => void this.#openEmoji());
    this.emoji.setAttribute("aria-haspopup", "dialog");
    this.mic = iconButton(MICROPHONE, t("record"), () => void this.#record());
    this.mic.hidden = !this.most || !VOICE.some((it) => this.#isTaken(it)) || !navigator.mediaDevices || !("MediaRecorder" in window);
    this.send = h("button.send", { type: "submit", "aria-label": t("send"), title: t("send") }, icon(SEND, "mirrors"));
    this.bar = h("div.bar", null, ...this.#pickers(), this.emoji, this.input, this.mic, this.send);
    this.element = h("form.co", { onsubmit: (/** @type {Event} */ event) => this.#submit(event), novalidate: true }, this.problem, this.chips, this.strip, this.bar);
    this.#listenForDrops();
    this.#files = this.store.files.get(this.#place) ?? [];
    this.#showFiles();
    queueMicrotask(() => this.#grow());
  }

  /** The paperclip, and on phones the camera. */
  #pickers() {
    if (!this.most) return [];
    const accept = this.rules.types.map((/** @type {string} */ it) => `.${it}`).join();
    return [this.#picker(CLIP, t("attach"), "clip", { multiple: true, accept }), this.#picker(CAMERA, t("camera"), "camera", { accept: "image/*", capture: "environment" })];
  }

  /** @param {string} shape @param {string} label @param {string} name @param {object} options */
  #picker(shape, label, name, options) {
    const field = h("input.hidden", { type: "file", tabindex: "-1", "aria-hidden": "true", ...options });
    field.addEventListener("change", () => {
      this.addFiles(field.files);
      field.value = "";
      this.input.focus();
    });
    return h(`span.picker.${name}`, null, iconButton(shape, label, () => field.click()), field);
  }

  leave() {
    this.#stopTyping();
    document.body.classList.remove("is-dropping");
    this.#leaving.abort();
    this.#keep();
  }

  /** It may have been kept before the conversation had its id. @returns {string} */
  #placeOfDraft() {
    const { place, info } = this.screen;
    const hasDraft = (/** @type {string} */ it) => this.store.draftOf(it) || this.store.files.get(it)?.length;
    return [place, ...(info?.keys ?? [])].find(hasDraft) ?? place;
  }

  /** At every change: a page that is left says nothing. */
  #keep() {
    const { place } = this.screen;
    if (place !== this.#place) {
      // What was begun as a new topic goes on in its conversation.
      this.store.keepDraft(this.#place, "");
      this.store.files.delete(this.#place);
      this.#place = place;
    }
    this.store.keepDraft(place, this.input.value);
    this.store.files.set(place, this.#files);
  }

  /** The panel is closed: nobody is heard any more, and what was said waits here. */
  rest() {
    this.strip.querySelector(".recording")?.dispatchEvent(new Event("finish"));
  }

  /** @param {boolean} isOpen whether anything may be written here */
  setOpen(isOpen) {
    this.element.hidden = !isOpen;
  }

  #leaving = new AbortController();

  #listenForDrops() {
    if (!this.most) return;
    const { signal } = this.#leaving;
    const has = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!has(event)) return;
      event.preventDefault();
      document.body.dataset.drop = t("dropHere");
      document.body.classList.add("is-dropping");
    }, { signal });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("is-dropping");
    }, { signal });
    document.addEventListener("drop", (event) => {
      document.body.classList.remove("is-dropping");
      if (!has(event)) return;
      event.preventDefault();
      this.addFiles(event.dataTransfer?.files ?? []);
      this.input.focus();
    }, { signal });
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !this.most) return;
    event.preventDefault();
    this.addFiles(files);
  }

  /** @param {Iterable<File>} files */
  addFiles(files) {
    const problems = [...files].map((file) => this.#take(file)).filter(Boolean);
    this.#complain([...new Set(problems)].join(" "));
    this.#showFiles();
  }

  /** @param {string} [ending] of its name */
  #isTaken(ending = "") {
    const { types, refused } = this.rules;
    const known = ending.toLowerCase();
    return types.length ? types.includes(known) : !refused.includes(known);
  }

  /** @param {File} file @returns {string} what is wrong with it */
  #take(file) {
    if (!file.size) return t("fileEmpty", { name: file.name });
    if (file.size > this.most) return t("fileTooLarge", { name: file.name, size: sizeOf(this.most) });
    const ending = file.name.includes(".") ? file.name.split(".").at(-1) : "";
    if (!this.#isTaken(ending)) return `${file.name}: ${this.rules.hint}`;
    if (this.#files.length >= MOST_FILES) return t("tooManyFiles", { count: written(MOST_FILES) });
    this.#files.push(file);
    return "";
  }

  #showFiles() {
    this.#keep();
    this.chips.hidden = !this.#files.length;
    this.chips.replaceChildren(...this.#files.map((file) => h("li.chip", null, h("span.cut", { dir: "auto" }, file.name), iconButton(X, t("removeFile", { name: file.name }), () => this.#dropFile(file)))));
  }

  /** @param {File} file */
  #dropFile(file) {
    this.#files = this.#files.filter((it) => it !== file);
    this.#showFiles();
    this.input.focus();
  }

  /** @param {string} problem */
  #complain(problem) {
    this.problem.textContent = problem;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #typed() {
    this.#grow();
    this.#keep();
    this.#complain("");
    if (!this.input.value.trim()) return this.#stopTyping();
    this.screen.tellTyping(true);
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.#stopTyping(), STILL_TYPING);
  }

  #stopTyping() {
    if (!this.#typing) return;
    clearTimeout(this.#typing);
    this.#typing = 0;
    this.screen.tellTyping(false);
  }

  #grow() {
    this.input.style.setProperty("block-size", "auto");
    this.input.style.setProperty("block-size", `${Math.min(this.input.scrollHeight, 132)}px`);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text && !this.#files.length) return this.input.focus();
    if (text.length > LONGEST) return this.#complain(t("tooLong", { count: written(LONGEST) }));
    const files = this.#files;
    this.#files = [];
    this.input.value = "";
    this.#showFiles();
    this.#grow();
    this.#complain("");
    this.#stopTyping();
    this.screen.send({ text, files });
    this.input.focus();
  }

  async #openEmoji() {
    const { emojiPicker } = await import("./emoji.js");
    emojiPicker(this.strip, this.emoji, (character) => this.#insert(character));
  }

  /** @param {string} text */
  #insert(text) {
    const { selectionStart, selectionEnd } = this.input;
    this.input.setRangeText(text, selectionStart, selectionEnd, "end");
    this.#typed();
  }

  async #record() {
    const { record } = await import("./recorder.js");
    this.bar.hidden = true;
    const file = await record(this.strip, this.#leaving.signal, () => this.screen.app.isOpen).catch(() => {
      this.#complain(t("noMicrophone"));
      return null;
    });
    this.bar.hidden = false;
    if (this.#leaving.signal.aborted) return;
    this.mic.focus();
    if (!file) return;
    this.addFiles([file]);
    this.send.focus();
  }
}
