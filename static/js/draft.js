/** Keeps an answer on the server while it is being written. */
import { debounce, meta } from "./page.js";

const PAUSE = 900;
const RETRY = 5000;

export class Draft {
  #isDirty = false;
  #retry = 0;

  /**
   * @param {HTMLFormElement} form
   * @param {string} url
   * @param {(state: "saving" | "saved" | "unsaved" | "") => void} show
   */
  constructor(form, url, show) {
    this.form = form;
    this.url = url;
    this.show = show;
    this.soon = debounce(() => void this.save(), PAUSE);
  }

  touch() {
    this.#isDirty = true;
    this.show("");
    this.soon();
  }

  stop() {
    clearTimeout(this.#retry);
    this.#isDirty = false;
  }

  /** Save now, also while the page goes away. */
  flush() {
    if (this.#isDirty) void this.save({ keepalive: true });
  }

  #body() {
    const body = new FormData(this.form);
    body.delete("files");
    return body;
  }

  /** @param {{keepalive?: boolean}} options */
  async save({ keepalive = false } = {}) {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    clearTimeout(this.#retry);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        body: this.#body(),
        headers: { "X-CSRFToken": meta("csrf-token"), "HX-Request": "true" },
        keepalive,
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      if (!this.#isDirty) this.show("saved");
    } catch {
      this.#isDirty = true;
      this.show("unsaved");
      if (this.form.isConnected) this.#retry = window.setTimeout(() => void this.save(), RETRY);
    }
  }
}
