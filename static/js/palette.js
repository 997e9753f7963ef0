/** `<command-palette>`: ⌘K. Commands are narrowed here, conversations are found by the server. */
import Combobox from "../vendor/combobox-nav/combobox-nav.js";

class CommandPalette extends HTMLElement {
  #abort = new AbortController();
  /** @type {Combobox | null} */
  #combobox = null;

  connectedCallback() {
    const { signal } = this.#abort;
    this.dialog = /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
    this.input = /** @type {HTMLInputElement} */ (this.querySelector("input"));
    this.list = /** @type {HTMLElement} */ (this.querySelector("[role=listbox]"));
    document.addEventListener("click", (event) => this.#maybeOpen(event), { signal });
    this.dialog.addEventListener("close", () => this.#combobox?.stop(), { signal });
    this.input.addEventListener("input", () => this.#narrow(), { signal });
    this.list.addEventListener("click", (event) => this.#run(event), { signal });
    document.addEventListener("htmx:after:swap", () => this.#first(), { signal });
  }

  disconnectedCallback() {
    this.#abort.abort();
    this.#combobox?.destroy();
  }

  /** @param {Event} event */
  #maybeOpen(event) {
    const opener = event.target instanceof Element && event.target.closest("[data-open-palette]");
    const mouse = /** @type {MouseEvent} */ (event);
    if (!opener || mouse.ctrlKey || mouse.metaKey) return;
    event.preventDefault();
    const menu = opener.closest("[popover]");
    if (menu instanceof HTMLElement && menu.matches(":popover-open")) menu.hidePopover();
    if (!this.dialog.open) this.open();
  }

  open() {
    this.#combobox ??= new Combobox(this.input, this.list, {
      firstOptionSelectionMode: "selected",
    });
    this.dialog.showModal();
    this.input.value = "";
    this.#narrow();
    this.input.focus();
    this.#combobox.start();
  }

  /** Hide commands that do not match, or whose element is not on the page. */
  #narrow() {
    const words = this.input.value.trim().toLocaleLowerCase();
    for (const command of this.querySelectorAll("[data-commands] [role=option]")) {
      const target = command.getAttribute("data-click");
      const isThere = !target || document.querySelector(target) !== null;
      const isWanted = (command.textContent ?? "").toLocaleLowerCase().includes(words);
      /** @type {HTMLElement} */ (command).hidden = !isThere || !isWanted;
    }
    if (!words) this.querySelector("#palette-results")?.replaceChildren();
    this.#first();
  }

  #first() {
    if (!this.dialog.open) return;
    this.#combobox?.resetSelection();
  }

  /** @param {Event} event */
  #run(event) {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (!option) return;
    this.dialog.close();
    const selector = option.getAttribute("data-click");
    const target = selector && document.querySelector(selector);
    if (target instanceof HTMLElement) target.click();
  }
}

customElements.define("command-palette", CommandPalette);
