/** Tells the desk, and by chat the customer, that an answer is being written. */
const PAUSE = 2500;

export class Typing {
  #since = 0;
  #timer = 0;

  /** @param {number} conversation @param {import("./ways.js").Ways} ways */
  constructor(conversation, ways) {
    this.conversation = conversation;
    this.ways = ways;
  }

  /** @param {boolean} isBlank */
  note(isBlank) {
    const now = Date.now();
    if (now - this.#since > PAUSE) {
      this.#since = now;
      this.#say(!isBlank);
    }
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.stop(), PAUSE * 2);
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#since) this.#say(false);
    this.#since = 0;
  }

  /** @param {boolean} isReplying */
  #say(isReplying) {
    const { isChat } = this.ways;
    const detail = { conversation: this.conversation, isReplying, isChat };
    document.dispatchEvent(new CustomEvent("composer:typing", { detail }));
  }
}
