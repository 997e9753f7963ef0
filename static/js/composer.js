/**
 * `<reply-composer>`: makes the plain form a place to write in. Rich text, files, drafts,
 * mentions and the keys to send. Without it the form still sends.
 */
import { Draft } from "./draft.js";
import { EMOJI } from "./emoji.js";
import { hasMod, isTyping } from "./page.js";
import * as richtext from "./richtext.js";
import { Suggestions } from "./suggest.js";
import { Uploads } from "./uploads.js";

const TYPING_PAUSE = 2500;

class ReplyComposer extends HTMLElement {
  static #shouldFocus = false;
  #abort = new AbortController();
  #typingSince = 0;
  #typingTimer = 0;

  connectedCallback() {
    const form = this.querySelector("form");
    const source = this.querySelector("textarea");
    if (!form || !source) return;
    this.form = form;
    this.source = source;
    this.#makeEditor();
    this.#makeParts();
    this.#listen();
    this.#showMode();
    if (ReplyComposer.#shouldFocus) this.focusEditor();
    ReplyComposer.#shouldFocus = false;
  }

  disconnectedCallback() {
    this.#stopTyping();
    this.draft?.flush();
    this.#abort.abort();
  }

  #makeEditor() {
    const editor = document.createElement("div");
    editor.className = "editor prose";
    editor.id = "composer-editor";
    editor.contentEditable = "true";
    editor.dir = "auto";
    editor.setAttribute("role", "textbox");
    editor.setAttribute("aria-multiline", "true");
    editor.setAttribute("aria-label", this.source.getAttribute("aria-label") ?? "");
    const html = this.#field("html").value;
    if (html) editor.innerHTML = richtext.cleaned(html);
    else if (this.source.value) editor.innerHTML = richtext.paragraphs(this.source.value);
    this.source.hidden = true;
    this.source.after(editor);
    document.execCommand("defaultParagraphSeparator", false, "p");
    document.execCommand("styleWithCSS", false, "false");
    this.editor = editor;
    for (const button of this.querySelectorAll("[data-command]")) button.removeAttribute("hidden");
    this.#noteBlank();
  }

  #makeParts() {
    const { draftUrl, uploadUrl, mentionsUrl, uploadFailed, remove } = this.dataset;
    this.draft = new Draft(this.form, draftUrl ?? "", (state) => this.#showState(state));
    this.uploads = new Uploads(/** @type {HTMLElement} */ (this.querySelector(".uploads")), {
      uploadUrl: uploadUrl ?? "",
      failed: uploadFailed ?? "",
      remove: remove ?? "",
      changed: () => this.draft.touch(),
    });
    new Suggestions(this.editor, mentionsUrl ?? "");
  }

  #listen() {
    const { signal } = this.#abort;
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ handler) =>
      this.addEventListener(name, handler, { signal });
    on("input", (event) => this.#changed(event));
    on("change", (event) => this.#choice(event));
    on("keydown", (event) => this.#key(event));
    on("click", (event) => this.#click(event));
    on("mousedown", (event) => event.target.closest("[data-command], .emoji-grid") && event.preventDefault());
    on("paste", (event) => this.#paste(event));
    on("dragover", (event) => this.#dragOver(event));
    on("dragleave", () => this.classList.remove("is-dropping"));
    on("drop", (event) => this.#drop(event));
    this.addEventListener("submit", (event) => this.#submit(event), { signal, capture: true });
    window.addEventListener("pagehide", () => this.draft.flush(), { signal });
    document.addEventListener("htmx:after:request", (event) => this.#answered(event), { signal });
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  get isBlank() {
    return !this.editor.textContent?.trim() && !this.editor.querySelector("li");
  }

  #noteBlank() {
    const placeholder = this.isNote
      ? this.source.dataset.notePlaceholder
      : this.source.getAttribute("placeholder");
    this.editor.dataset.placeholder = placeholder ?? "";
    this.editor.classList.toggle("is-blank", this.isBlank);
  }

  /** Put what the editor shows into the fields that are sent. */
  #writeFields() {
    this.#field("html").value = this.isBlank ? "" : richtext.cleaned(this.editor.innerHTML);
    this.source.value = this.isBlank ? "" : this.editor.innerText.replace(/\n{3,}/g, "\n\n").trim();
    for (const old of this.form.querySelectorAll("input[name=mention]")) old.remove();
    const ids = [...this.editor.querySelectorAll("[data-mention]")].map(
      (mention) => mention.getAttribute("data-mention") ?? "",
    );
    for (const id of new Set(ids)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "mention";
      field.value = id;
      this.form.append(field);
    }
  }

  /** @param {InputEvent} event */
  #changed(event) {
    const target = event.target;
    if (target instanceof HTMLInputElement && target.type === "file") return;
    if (target === this.editor) {
      this.#noteBlank();
      this.#writeFields();
      this.#typing();
    }
    this.#showRecipients();
    this.draft.touch();
  }

  /** @param {Event} event */
  #choice(event) {
    const target = event.target;
    if (!(target instanceof HTMLInputElement)) return;
    if (target.type === "file" && target.files) {
      this.uploads.add(target.files);
      target.value = "";
    } else if (target.name === "mode") {
      this.#takeRecipients(target);
      this.#showMode();
      this.focusEditor();
    }
  }

  get mode() {
    return this.form.querySelector("input[name=mode]:checked");
  }

  get isNote() {
    return this.mode?.getAttribute("value") === "note";
  }

  /** @param {HTMLInputElement} option */
  #takeRecipients(option) {
    if (option.value === "note") return;
    for (const name of ["to", "cc", "bcc"]) this.#field(name).value = option.dataset[name] ?? "";
    this.#showRecipients();
  }

  #showRecipients() {
    const summary = this.querySelector("[data-recipients]");
    const lines = ["to", "cc", "bcc"].map((name) => this.#field(name).value.trim());
    if (summary) summary.textContent = lines.filter(Boolean).join(", ");
  }

  #showMode() {
    const { isNote } = this;
    this.classList.toggle("is-note", isNote);
    const why = this.querySelector("p[data-why]");
    const reason = this.mode?.getAttribute("data-why");
    if (why && reason) why.textContent = reason;
    const recipients = this.querySelector("details.recipients");
    if (recipients instanceof HTMLDetailsElement) {
      recipients.hidden = isNote;
      if (this.mode?.getAttribute("value") === "forward") recipients.open = true;
    }
    for (const part of this.querySelectorAll("[data-reply-only]")) {
      /** @type {HTMLElement} */ (part).hidden = isNote;
    }
    this.#showLabel();
    this.#noteBlank();
  }

  #showLabel() {
    const button = this.querySelector("[data-send]");
    const label = button?.querySelector("[data-label]");
    if (!(button instanceof HTMLElement) || !label) return;
    button.dataset.sendLabel ??= label.textContent ?? "";
    label.textContent = (this.isNote ? button.dataset.noteLabel : button.dataset.sendLabel) ?? "";
  }

  /** @param {"saving" | "saved" | "unsaved" | ""} state */
  #showState(state) {
    const line = this.querySelector("[data-state]");
    if (!line) return;
    line.textContent = state ? (this.dataset[state] ?? "") : "";
    line.classList.toggle("is-failed", state === "unsaved");
  }

  focusEditor() {
    this.editor.focus();
    const selection = window.getSelection();
    selection?.selectAllChildren(this.editor);
    selection?.collapseToEnd();
  }

  /** @param {string} value */
  switchTo(value) {
    const option = this.form.querySelector(`input[name=mode][value="${CSS.escape(value)}"]`);
    if (option instanceof HTMLInputElement && !option.disabled && !option.checked) option.click();
    this.focusEditor();
  }

  switchToNext() {
    const options = /** @type {HTMLInputElement[]} */ ([
      ...this.form.querySelectorAll("input[name=mode]:not(:disabled)"),
    ]);
    const at = options.findIndex((option) => option.checked);
    this.switchTo(options[(at + 1) % options.length]?.value ?? "");
  }

  /** Back from a note to the way an answer goes by default. */
  answer() {
    const first = this.form.querySelector("input[name=mode]:not(:disabled)");
    if (this.isNote && first instanceof HTMLInputElement) this.switchTo(first.value);
    this.focusEditor();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!hasMod(event) || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (key === "enter") {
      event.preventDefault();
      const name = event.shiftKey ? "[data-send-close]" : "[data-send]";
      const button = this.querySelector(name) ?? this.querySelector("[data-send]");
      this.form.requestSubmit(/** @type {HTMLElement} */ (button));
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const command = target.closest("[data-command]")?.getAttribute("data-command");
    if (command === "link") this.#askForLink();
    else if (command === "emoji") this.#fillEmoji();
    else if (command) this.#runCommand(command);
    if (target.closest("[data-dismiss-guard]")) this.querySelector(".composer-guard")?.replaceChildren();
    const emoji = target.closest(".emoji-grid button");
    if (emoji) this.#insertEmoji(emoji.textContent ?? "");
  }

  /** @param {string} command */
  #runCommand(command) {
    if (document.activeElement !== this.editor) this.focusEditor();
    richtext.run(command);
  }

  #askForLink() {
    const range = window.getSelection()?.rangeCount ? window.getSelection()?.getRangeAt(0) : null;
    const address = window.prompt(this.dataset.linkPrompt ?? "", "https://")?.trim();
    if (!address || address === "https://") return;
    this.editor.focus();
    if (range && this.editor.contains(range.startContainer)) {
      window.getSelection()?.removeAllRanges();
      window.getSelection()?.addRange(range);
    }
    richtext.link(address);
  }

  #fillEmoji() {
    const grid = this.querySelector(".emoji-grid");
    if (!grid || grid.childElementCount) return;
    for (const { character, words } of EMOJI) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = character;
      button.setAttribute("aria-label", words[0]);
      grid.append(button);
    }
  }

  /** @param {string} character */
  #insertEmoji(character) {
    if (document.activeElement !== this.editor) this.focusEditor();
    document.execCommand("insertText", false, character);
    document.getElementById("emoji-menu")?.hidePopover();
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    if (event.target instanceof HTMLInputElement || !event.clipboardData) return;
    event.preventDefault();
    const { files } = event.clipboardData;
    if (files.length) this.uploads.add(files);
    else richtext.paste(event.clipboardData);
  }

  /** @param {DragEvent} event */
  #dragOver(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.classList.add("is-dropping");
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.classList.remove("is-dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.uploads.add(event.dataTransfer.files);
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    this.#writeFields();
    const hasFiles = this.form.querySelector("input[name=upload]");
    const isForward = this.mode?.getAttribute("value") === "forward";
    if (this.uploads.isBusy || (this.isBlank && !hasFiles && !isForward)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.focusEditor();
      return;
    }
    this.#stopTyping();
    const menu = document.getElementById("send-menu");
    if (menu?.matches(":popover-open")) menu.hidePopover();
  }

  /** What was sent is no draft any more, and the next answer starts where this one was. @param {Event} event */
  #answered(event) {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    if (ctx.response?.status >= 400) return;
    const isSend = ctx.sourceElement === this.form;
    const isUndo = ctx.sourceElement?.matches?.("form.delivery");
    if (isSend) this.draft.stop();
    if (isSend || isUndo) ReplyComposer.#shouldFocus = true;
    if (isSend || isUndo) this.#announce();
  }

  #announce() {
    const id = this.dataset.conversation;
    setTimeout(() => document.dispatchEvent(new CustomEvent("conversation:changed", { detail: { id } })), 0);
  }

  #typing() {
    const now = Date.now();
    if (now - this.#typingSince > TYPING_PAUSE) {
      this.#typingSince = now;
      this.#sayTyping(!this.isBlank);
    }
    clearTimeout(this.#typingTimer);
    this.#typingTimer = window.setTimeout(() => this.#stopTyping(), TYPING_PAUSE * 2);
  }

  #stopTyping() {
    clearTimeout(this.#typingTimer);
    if (this.#typingSince) this.#sayTyping(false);
    this.#typingSince = 0;
  }

  /** @param {boolean} isReplying */
  #sayTyping(isReplying) {
    const detail = { conversation: Number(this.dataset.conversation), isReplying };
    document.dispatchEvent(new CustomEvent("composer:typing", { detail }));
  }
}

customElements.define("reply-composer", ReplyComposer);

const composer = () => {
  const element = document.querySelector("reply-composer");
  return element instanceof ReplyComposer ? element : null;
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-focus-reply]")) composer()?.answer();
  if (target?.closest("[data-focus-note]")) composer()?.switchTo("note");
  if (target?.closest("[data-switch-channel]") && !isTyping(document.activeElement)) {
    composer()?.switchToNext();
  }
});
