/**
 * `<conversation-list>`: which row is current, moving by keys, choosing several, and
 * refreshing without moving what somebody looks at.
 */
import { fill, isTyping, sourceOf } from "./page.js";

class ConversationList extends HTMLElement {
  /** @type {HTMLElement | null} */
  #lastChosen = null;
  /** @type {{id: string, top: number} | null} */
  #anchor = null;
  #pointerRow = "";
  #abort = new AbortController();

  connectedCallback() {
    const { signal } = this.#abort;
    this.addEventListener("change", () => this.#countChosen(), { signal });
    this.addEventListener("pointermove", (event) => this.#notePointer(event), { signal });
    this.addEventListener("pointerleave", () => (this.#pointerRow = ""), { signal });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("htmx:before:swap", (event) => this.#beforeSwap(event), { signal });
    document.addEventListener("htmx:after:swap", (event) => this.#afterSwap(event), { signal });
    document.addEventListener("htmx:after:history:update", () => this.#markCurrent(), { signal });
    document.addEventListener("htmx:before:history:restore", (event) => this.#restore(event), {
      signal,
    });
    this.#markCurrent();
    this.#currentRow()?.scrollIntoView({ block: "nearest" });
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll(".row")]);
  }

  /** @param {Element | null | undefined} row */
  #linkOf(row) {
    return /** @type {HTMLAnchorElement | null} */ (row?.querySelector(".row-link") ?? null);
  }

  #currentRow() {
    return this.#rows.find((row) => this.#linkOf(row)?.hasAttribute("aria-current"));
  }

  #focusedRow() {
    return /** @type {HTMLElement | null} */ (document.activeElement?.closest(".row") ?? null);
  }

  #markCurrent() {
    for (const row of this.#rows) {
      const link = this.#linkOf(row);
      if (!link) continue;
      const isCurrent = link.pathname === location.pathname;
      if (isCurrent) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** @param {number} step */
  #neighbor(step) {
    const rows = this.#rows;
    const from = this.#focusedRow() ?? this.#currentRow();
    if (!from) return step > 0 ? rows[0] : rows[rows.length - 1];
    return rows[rows.indexOf(from) + step];
  }

  /** @param {number} step */
  #move(step) {
    const row = this.#neighbor(step);
    this.#linkOf(row)?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  /** Close this conversation and open the one below. */
  #closeAndNext() {
    const next = this.#linkOf(this.#neighbor(1));
    const button = document.getElementById("close-button");
    button?.click();
    if (!next) return;
    document.addEventListener("htmx:finally:request", () => next.click(), { once: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.defaultPrevented || isTyping(event.target) || event.ctrlKey || event.metaKey) return;
    if (event.altKey || document.querySelector("dialog[open]")) return;
    const action = {
      j: () => this.#move(1),
      k: () => this.#move(-1),
      o: () => this.#linkOf(this.#focusedRow() ?? this.#currentRow())?.click(),
      x: () => this.#choose(this.#focusedRow() ?? this.#currentRow()),
      X: () => this.#chooseRange(this.#focusedRow() ?? this.#currentRow()),
      E: () => this.#closeAndNext(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** @param {HTMLElement | null | undefined} row */
  #boxOf(row) {
    return /** @type {HTMLInputElement | null} */ (row?.querySelector(".row-check input") ?? null);
  }

  /** @param {HTMLElement | null | undefined} row */
  #choose(row) {
    const box = this.#boxOf(row);
    if (!box || !row) return;
    box.checked = !box.checked;
    this.#lastChosen = row;
    this.#countChosen();
  }

  /** @param {HTMLElement | null | undefined} row */
  #chooseRange(row) {
    const rows = this.#rows;
    if (!row) return;
    const from = this.#lastChosen ? rows.indexOf(this.#lastChosen) : rows.indexOf(row);
    const [first, last] = [from, rows.indexOf(row)].sort((a, b) => a - b);
    for (const each of rows.slice(Math.max(first, 0), last + 1)) {
      const box = this.#boxOf(each);
      if (box) box.checked = true;
    }
    this.#lastChosen = row;
    this.#countChosen();
  }

  #countChosen() {
    const bar = this.querySelector("#bulk");
    if (!(bar instanceof HTMLFormElement)) return;
    const count = this.querySelectorAll(".row-check :checked").length;
    bar.hidden = count === 0;
    const label = bar.querySelector("b");
    if (label) label.textContent = fill(bar.dataset.label ?? "", { n: count });
  }

  /** @param {Event} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-clear-selection]")) {
      for (const box of this.querySelectorAll(".row-check :checked")) {
        /** @type {HTMLInputElement} */ (box).checked = false;
      }
      this.#countChosen();
    }
  }

  /** @param {PointerEvent} event */
  #notePointer(event) {
    this.#pointerRow = /** @type {Element} */ (event.target).closest(".row")?.id ?? "";
  }

  /** @param {Event} event */
  #beforeSwap(event) {
    if (sourceOf(event)?.id !== "conversation-rows") return;
    const row = document.getElementById(this.#pointerRow) ?? this.#currentRow();
    this.#anchor = row ? { id: row.id, top: row.getBoundingClientRect().top } : null;
  }

  /** @param {Event} event */
  #afterSwap(event) {
    const source = sourceOf(event);
    if (source?.id === "conversation-rows") this.#holdStill();
    if (source && this.contains(source)) {
      this.#dropDoubles();
      this.#countChosen();
    }
    this.#markCurrent();
  }

  #holdStill() {
    const row = this.#anchor && document.getElementById(this.#anchor.id);
    const scroller = this.querySelector("#list-scroll");
    if (!row || !scroller || !this.#anchor) return;
    scroller.scrollTop += row.getBoundingClientRect().top - this.#anchor.top;
  }

  /** A conversation that moved up to the first page is still in a later one. */
  #dropDoubles() {
    const seen = new Set();
    for (const row of this.#rows) {
      if (seen.has(row.id)) row.remove();
      seen.add(row.id);
    }
  }

  /** Back and forward between conversations of this list leave the list alone. @param {Event} event */
  #restore(event) {
    const { path } = /** @type {CustomEvent} */ (event).detail;
    const url = new URL(path, location.href);
    const isOurs =
      this.#rows.some((row) => this.#linkOf(row)?.pathname === url.pathname) ||
      url.pathname === document.querySelector("#queues [aria-current]")?.getAttribute("href");
    if (!isOurs) return;
    event.preventDefault();
    this.#markCurrent();
    window.htmx.ajax("GET", path, {
      target: "#conversation",
      select: "#conversation",
      swap: "outerHTML",
    });
  }
}

customElements.define("conversation-list", ConversationList);
