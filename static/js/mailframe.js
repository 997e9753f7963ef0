/**
 * `<mail-frame>`: a customer's HTML in a sandboxed frame that cannot run scripts. It is
 * of our origin, so the page may measure it and make the frame as tall as its content.
 */
const TALLEST = 20_000;

class MailFrame extends HTMLElement {
  /** @type {ResizeObserver | null} */
  #observer = null;

  connectedCallback() {
    const frame = this.querySelector("iframe");
    if (!frame) return;
    frame.addEventListener("load", () => this.#watch(frame));
    if (frame.contentDocument?.readyState === "complete") this.#watch(frame);
  }

  disconnectedCallback() {
    this.#observer?.disconnect();
  }

  /** @param {HTMLIFrameElement} frame */
  #watch(frame) {
    const content = frame.contentDocument?.body;
    if (!content || frame.contentDocument?.URL === "about:blank") return;
    this.#observer?.disconnect();
    this.#observer = new ResizeObserver(() => this.#fit(frame));
    this.#observer.observe(content);
    this.#fit(frame);
  }

  /** @param {HTMLIFrameElement} frame */
  #fit(frame) {
    const body = frame.contentDocument?.body;
    if (!body) return;
    const margins = 8;
    const height = Math.min(Math.ceil(body.getBoundingClientRect().height) + margins, TALLEST);
    frame.style.blockSize = `${height}px`;
  }
}

customElements.define("mail-frame", MailFrame);
