/**
 * `<reply-composer>`: makes the plain form a place to write in. Rich text, files, drafts,
 * mentions and the keys to send. Without it the form still sends.
 */
import { Draft } from "./draft.js";
import { fillEmoji } from "./emoji.js";
import { hasMod, isTyping } from "./page.js";
import * as richtext from "./richtext.js";
import { Suggestions } from "./suggest.js";
import { Typing } from "./typing.js";
import { Uploads } from "./uploads.js";
import { Ways } from "./ways.js";

class ReplyComposer extends HTMLElement {
  static #shouldFocus = false;
  /** What was written while a line was on its way: lines to send, and one just begun. */
  static #next = { lines: /** @type {string[]} */ ([]), begun: "" };
  #abort = new AbortController();
  /** What is on its way; null while nothing is. @type {string | null} */
  #leaving = null;
  /** What waits until it has left. @type {string[]} */
  #lines = [];
  #begun = "";

  connectedCallback() {
    const form = this.querySelector("form");
    const source = this.querySelector("textarea");
    if (!form || !source) return;
    this.form = form;
    this.source = source;
    this.ways = new Ways(this, form);
    this.typing = new Typing(Number(this.dataset.conversation), this.ways);
    this.#makeEditor();
    this.#makeParts();
    this.#listen();
    this.#showMode();
    if (ReplyComposer.#shouldFocus) this.focusEditor();
    ReplyComposer.#shouldFocus = false;
    this.#goOn(ReplyComposer.#next);
    ReplyComposer.#next = { lines: [], begun: "" };
  }

  /** What was written while the last line left stands in the new composer. @param {{lines: string[], begun: string}} next */
  #goOn({ lines, begun }) {
    const [first, ...others] = lines;
    if (!first && !begun) return;
    if (this.editor.innerHTML !== begun) this.#write(begun);
    this.draft.touch();
    this.focusEditor();
    if (!first) return;
    this.#leaving = first;
    this.#lines = others;
    // htmx has to have seen the new form, or the end of the last request, first.
    setTimeout(() => this.#sendNext(first), 0);
  }

  /** Send a line that waited; whatever was typed until this very moment stays. @param {string} line */
  #sendNext(line) {
    // It has gone back into the editor, for something went wrong.
    if (this.#leaving !== line) return;
    this.#leaving = null;
    this.#begun = this.isBlank ? "" : this.editor.innerHTML;
    this.#write(line);
    this.form.requestSubmit();
  }

  /** @param {string} html */
  #write(html) {
    this.editor.innerHTML = html;
    this.#noteBlank();
    this.#writeFields();
  }

  disconnectedCallback() {
    this.typing?.stop();
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
    on("composer:sent", (event) => this.#sent(event));
    this.addEventListener("submit", (event) => this.#submit(event), { signal, capture: true });
    window.addEventListener("pagehide", () => this.draft.flush(), { signal });
    document.addEventListener("htmx:before:request", (event) => this.#leaves(event), { signal });
    document.addEventListener("htmx:error", () => this.#left(false), { signal });
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
    const placeholder = this.ways.isNote
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
      this.typing.note(this.isBlank);
    }
    this.ways.showRecipients();
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
      this.ways.takeRecipients();
      this.#showMode();
      this.focusEditor();
    }
  }

  #showMode() {
    this.ways.show();
    this.#noteBlank();
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

  /** @param {"answer" | "switchToNext" | "switchTo"} how @param {string} value */
  choose(how, value = "") {
    this.ways[how](value);
    this.focusEditor();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    if (!hasMod(event) && !this.#sendsByEnter(event)) return;
    event.preventDefault();
    const name = hasMod(event) && event.shiftKey ? "[data-send-close]" : "[data-send]";
    const button = this.querySelector(name) ?? this.querySelector("[data-send]");
    this.form.requestSubmit(/** @type {HTMLElement} */ (button));
  }

  /** In a chat Enter sends, where there is another way to a new line. @param {KeyboardEvent} event */
  #sendsByEnter(event) {
    if (!this.ways.isChat || event.target !== this.editor) return false;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    const at = window.getSelection()?.anchorNode;
    const element = at instanceof Element ? at : at?.parentElement;
    return !element?.closest("li") && !matchMedia("(pointer: coarse)").matches;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const command = target.closest("[data-command]")?.getAttribute("data-command");
    if (command === "link") this.#askForLink();
    else if (command === "emoji") fillEmoji(this.querySelector(".emoji-grid"));
    else if (command) this.#runCommand(command);
    const closed = target.closest("[data-reason]");
    if (closed) this.ways.say(closed.getAttribute("data-reason") ?? "");
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
    const isWaiting = this.#leaving !== null;
    if (isWaiting && this.ways.isChat && !this.isBlank) this.#lines.push(this.#taken());
    this.#writeFields();
    const hasFiles = this.form.querySelector("input[name=upload]");
    const hasNothing = this.isBlank && !hasFiles && !this.ways.isForward;
    if (isWaiting || this.uploads.isBusy || hasNothing) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.focusEditor();
      return;
    }
    this.ways.noteSeen();
    this.typing?.stop();
    const menu = document.getElementById("send-menu");
    if (menu?.matches(":popover-open")) menu.hidePopover();
  }

  /** A chat goes on while its last line is on its way. @param {Event} event */
  #leaves(event) {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    if (ctx.sourceElement !== this.form || !this.ways.isChat) return;
    this.#leaving = this.#taken();
    this.draft.stop();
    if (!this.#begun) return;
    this.#write(this.#begun);
    this.#begun = "";
    this.focusEditor();
  }

  /** Take out what stands in the editor. */
  #taken() {
    const html = this.editor.innerHTML;
    this.editor.replaceChildren();
    this.#noteBlank();
    return html;
  }

  /** @param {boolean} hasLeft */
  #left(hasLeft) {
    if (this.#leaving === null) return;
    const begun = this.isBlank ? "" : this.editor.innerHTML;
    if (hasLeft) ReplyComposer.#next = { lines: this.#lines, begun };
    else this.#write([this.#leaving, ...this.#lines, begun].join(""));
    this.#leaving = null;
    this.#lines = [];
  }

  /** What was sent is no draft any more, and the next answer starts where this one was. @param {Event} event */
  #answered(event) {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    const isSend = ctx.sourceElement === this.form;
    // No composer comes: `composer:sent` says what is new.
    if (isSend && ctx.response?.status === 204) return;
    if (isSend) this.#left(ctx.response?.status < 400);
    if (ctx.response?.status >= 400) return;
    const isUndo = ctx.sourceElement?.matches?.("form.delivery");
    if (isSend) this.draft.stop();
    if (isSend || isUndo) ReplyComposer.#shouldFocus = true;
    if (isSend || isUndo) this.#announce();
  }

  /** A line of a chat has left; the next one is written where it was. @param {CustomEvent} event */
  #sent({ detail }) {
    const next = { lines: this.#lines, begun: this.isBlank ? "" : this.editor.innerHTML };
    this.#leaving = null;
    this.#lines = [];
    this.#field("client_id").value = detail.client_id;
    this.#field("seen_seq").value = detail.seen_seq;
    this.draft.stop();
    this.#showState("");
    this.querySelector(".composer-guard")?.replaceChildren();
    this.#writeFields();
    if (next.lines.length) {
      this.ways.switchTo("chat");
      this.#goOn(next);
    } else if (next.begun) this.draft.touch();
    if (this.ways.isChat) this.ways.forget();
    if (document.activeElement !== this.editor) this.focusEditor();
  }

  #announce() {
    const id = this.dataset.conversation;
    setTimeout(() => document.dispatchEvent(new CustomEvent("conversation:changed", { detail: { id } })), 0);
  }
}

customElements.define("reply-composer", ReplyComposer);

const composer = () => {
  const element = document.querySelector("reply-composer");
  return element instanceof ReplyComposer ? element : null;
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-focus-reply]")) composer()?.choose("answer");
  if (target?.closest("[data-focus-note]")) composer()?.choose("switchTo", "note");
  if (target?.closest("[data-switch-channel]") && !isTyping(document.activeElement)) {
    composer()?.choose("switchToNext");
  }
});
