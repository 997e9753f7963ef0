/**
 * The socket says that there is news; what it is, is fetched. It comes back by itself,
 * and where sockets are blocked we ask every few seconds instead.
 */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
const CALM = 3000;
const HEARTBEAT = 25_000;
const POLL = 5000;
const NOT_READY = 12_000;
const BLOCKED_AFTER = 3;
const TYPING_EVERY = 3000;

export class Live {
  /** Whether the line has been lost for longer than a moment. */
  isLost = false;
  /** @type {WebSocket | null} */
  #socket = null;
  #isReady = false;
  #wasEverReady = false;
  #isRunning = false;
  #isPolling = false;
  #isAsking = false;
  #failures = 0;
  #retry = 0;
  #beat = 0;
  #sayLost = 0;
  #typingAt = 0;
  #page = "";

  /** @param {{url: string, token: () => string, hear: (letter: any) => void, poll: () => Promise<void>, changed: () => void}} given */
  constructor(given) {
    this.given = given;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
    this.polling = window.setInterval(() => void this.#poll(), POLL);
  }

  start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#connect();
  }

  stop() {
    this.#isRunning = false;
    clearInterval(this.polling);
    clearTimeout(this.#retry);
    this.#settle();
    this.#socket?.close();
  }

  #connect() {
    const url = new URL(this.given.url, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    const late = window.setTimeout(() => socket.close(), NOT_READY);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: this.given.token() }));
    socket.onmessage = (event) => {
      clearTimeout(late);
      if (socket === this.#socket) this.#receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      clearTimeout(late);
      if (socket === this.#socket) this.#lost();
    };
  }

  /** @param {any} letter */
  #receive(letter) {
    if (letter.type === "ready") this.#ready();
    this.given.hear(letter);
  }

  #ready() {
    this.#isReady = true;
    this.#wasEverReady = true;
    this.#isPolling = false;
    this.#failures = 0;
    this.#settle();
    clearInterval(this.#beat);
    this.#beat = window.setInterval(() => this.#send({ type: "ping" }), HEARTBEAT);
    if (this.#page) this.#send(JSON.parse(this.#page));
  }

  #lost() {
    this.#isReady = false;
    clearInterval(this.#beat);
    if (!this.#isRunning) return;
    this.#failures += 1;
    // What blocks sockets is no outage. Whether there is one, asking will tell.
    this.#isPolling = this.#failures >= BLOCKED_AFTER || (!this.#wasEverReady && this.#failures > 1);
    if (!this.#isPolling || !navigator.onLine) this.#fear();
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#retry = window.setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2));
  }

  #hurry() {
    if (!this.#isRunning || this.#socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  /** Say that the line is lost, if it does not come back in a moment. */
  #fear() {
    this.#sayLost ||= window.setTimeout(() => this.#setLost(true), CALM);
  }

  #settle() {
    clearTimeout(this.#sayLost);
    this.#sayLost = 0;
    this.#setLost(false);
  }

  /** @param {boolean} isLost */
  #setLost(isLost) {
    if (this.isLost === isLost) return;
    this.isLost = isLost;
    this.given.changed();
  }

  async #poll() {
    if (!this.#isPolling || this.#isReady || this.#isAsking || document.visibilityState !== "visible") return;
    this.#isAsking = true;
    try {
      await this.given.poll();
      this.#settle();
    } catch {
      this.#fear();
    } finally {
      this.#isAsking = false;
    }
  }

  /** @param {object} letter @returns {boolean} whether it could be said */
  #send(letter) {
    if (!this.#isReady || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(letter));
    return true;
  }

  /** Say where the visitor is. @param {{title: string, url: string}} page */
  page({ title, url }) {
    const letter = JSON.stringify({ type: "page", title, url });
    if (!url || letter === this.#page) return;
    this.#page = letter;
    this.#send(JSON.parse(letter));
  }

  /** Say that the visitor types, at most every few seconds. @param {string} conversation @param {boolean} on @returns {boolean} */
  typing(conversation, on) {
    const now = Date.now();
    if (on && now - this.#typingAt < TYPING_EVERY) return true;
    this.#typingAt = on ? now : 0;
    return this.#send({ type: "typing", conversation, on });
  }
}
