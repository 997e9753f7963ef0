/**
 * `<conversation-timeline>`: stays at the newest item unless somebody reads further up;
 * then a pill waits at the bottom. What is loaded above does not move what is read.
 */
import { announceChange, fill, openConversation, sourceOf } from "./page.js";

const NEAR_END = 48;

class ConversationTimeline extends HTMLElement {
  #isPinned = true;
  #missed = 0;
  #lastSeq = 0;
  #fromEnd = 0;
  #abort = new AbortController();
  #observer = new ResizeObserver(() => this.#settle());
  /** @type {HTMLButtonElement | null} */
  #pill = null;

  connectedCallback() {
    const { signal } = this.#abort;
    this.addEventListener("scroll", () => this.#noteScroll(), { signal, passive: true });
    document.addEventListener("htmx:before:swap", (event) => this.#beforeSwap(event), { signal });
    document.addEventListener("htmx:after:swap", (event) => this.#afterSwap(event), { signal });
    for (const part of [this, ...this.querySelectorAll("ol")]) this.#observer.observe(part);
    this.#lastSeq = this.#newestSeq();
    this.#toEnd();
  }

  disconnectedCallback() {
    this.#abort.abort();
    this.#observer.disconnect();
  }

  #newestSeq() {
    const items = this.querySelectorAll("#timeline-items > [data-seq]");
    return Math.max(0, ...[...items].map((item) => Number(item.getAttribute("data-seq"))));
  }

  #noteScroll() {
    this.#isPinned = this.scrollHeight - this.scrollTop - this.clientHeight < NEAR_END;
    if (this.#isPinned) this.#hidePill();
  }

  #toEnd() {
    this.scrollTop = this.scrollHeight;
  }

  /** Frames and pictures grow after they load; whoever is at the end stays there. */
  #settle() {
    if (this.#isPinned) this.#toEnd();
  }

  /** @param {Event} event */
  #isAbove(event) {
    return Boolean(sourceOf(event)?.closest("#timeline-earlier"));
  }

  /** @param {Event} event */
  #beforeSwap(event) {
    if (this.#isAbove(event)) this.#fromEnd = this.scrollHeight - this.scrollTop;
  }

  /** @param {Event} event */
  #afterSwap(event) {
    if (this.#isAbove(event) && !this.#isPinned) this.scrollTop = this.scrollHeight - this.#fromEnd;
    if (sourceOf(event)?.id === "timeline-items") this.#arrived();
  }

  #arrived() {
    const fresh = [...this.querySelectorAll("#timeline-items > [data-seq]")].filter(
      (item) => Number(item.getAttribute("data-seq")) > this.#lastSeq,
    );
    this.#lastSeq = this.#newestSeq();
    for (const item of fresh) item.classList.add("is-arriving");
    if (this.#isPinned) return this.#toEnd();
    this.#missed += fresh.length;
    if (this.#missed) this.#showPill();
  }

  #showPill() {
    this.#pill ??= this.#makePill();
    this.#pill.textContent = fill(this.dataset.newLabel ?? "{n}", { n: this.#missed });
    this.append(this.#pill);
  }

  #makePill() {
    const pill = document.createElement("button");
    pill.type = "button";
    pill.className = "new-pill";
    pill.addEventListener("click", () => {
      this.#isPinned = true;
      this.scrollTo({ top: this.scrollHeight, behavior: "smooth" });
      this.#hidePill();
    });
    return pill;
  }

  #hidePill() {
    this.#missed = 0;
    this.#pill?.remove();
  }
}

/** `<undo-countdown data-until>`: how long a sent answer can still be taken back. */
class UndoCountdown extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#timer = window.setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #tick() {
    const left = Math.ceil((Date.parse(this.dataset.until ?? "") - Date.now()) / 1000);
    const label = left > 0 ? this.dataset.label : this.dataset.done;
    const text = fill(label ?? "", { n: left });
    if (this.textContent !== text) this.textContent = text;
    if (left > 0) return;
    clearInterval(this.#timer);
    this.parentElement?.querySelector("[data-undo-send]")?.remove();
    const id = openConversation();
    if (id) setTimeout(() => announceChange(id), 1500);
  }
}

/* Told of its own message before its answer is there, a composer would come back empty. */
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement && form.querySelector("[data-undo-send]"))) return;
    if (!document.querySelector("#composer-form.htmx-request")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const again = () => setTimeout(() => form.requestSubmit());
    document.addEventListener("htmx:finally:request", again, { once: true });
  },
  true,
);

/* What somebody has unfolded stays so, whatever is new in it. */
window.htmx.registerExtension("unfolded", {
  /** @param {Element} element @param {{attrName: string, newValue: string | null}} change */
  htmx_before_morph_attr: (element, { attrName, newValue }) =>
    !(attrName === "open" && newValue === null && element.matches("#timeline details")),
});

customElements.define("conversation-timeline", ConversationTimeline);
customElements.define("undo-countdown", UndoCountdown);
