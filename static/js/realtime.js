/**
 * The socket says that something changed; what it is now is fetched as a fragment. Here a
 * message becomes a DOM event, and nothing else. Lost messages heal on the next fetch.
 */
import { announceChange, fill, meta, openConversation, spaced } from "./page.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
const CALM = 3000;
const HEARTBEAT = 25_000;
const POLL = 12_000;
const BLOCKED_AFTER = 4;
const NOT_SIGNED_IN = 4401;
const TYPING_LASTS = 8000;
/** The list is fetched whole, by everybody who has it on screen. */
const LIST = { wait: 80, pause: 1000 };

/** @typedef {{type: string, id?: number, cursor?: number, conversation?: number, customer?: number, viewing?: string[], replying?: string[], typing?: string[], name?: string, on?: boolean}} Message */

class Realtime {
  /** @type {WebSocket | null} */
  #socket = null;
  #failures = 0;
  #everOpened = false;
  #isBehind = false;
  #isPolling = false;
  #sayLost = 0;
  #beat = 0;
  #retry = 0;
  /** @type {string | null} */
  #viewed = null;
  /** When each conversation last changed, as far as we were told. @type {Map<string, number>} */
  #changes = new Map();

  constructor() {
    this.refreshList = spaced(() => this.#tell("inbox:changed"), LIST);
  }

  start() {
    this.#connect();
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
    document.addEventListener("composer:typing", (event) => {
      const { conversation, isReplying, isChat } = /** @type {CustomEvent} */ (event).detail;
      // Only a chat shows the customer that somebody is writing.
      this.send({ type: "replying", conversation, on: isReplying, note: !isChat });
    });
    document.addEventListener("conversation:changed", (event) => this.#changed(event));
    document.addEventListener("htmx:before:request", (event) => this.#noteStart(event));
    document.addEventListener("htmx:after:swap", (event) => this.#swapped(event));
    setInterval(() => this.#poll(), POLL);
  }

  /** @param {string} name */
  #tell(name) {
    document.body.dispatchEvent(new CustomEvent(name));
  }

  #connect() {
    const url = new URL(meta("realtime-url"), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.port = meta("realtime-port") || url.port;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
  }

  #opened() {
    this.#failures = 0;
    this.#isPolling = false;
    clearInterval(this.#beat);
    this.#beat = window.setInterval(() => this.send({ type: "ping" }), HEARTBEAT);
    this.#hideLost();
    this.#viewed = null;
    this.#lookAt();
    // The page is older than its socket: what happened in between nobody told it.
    if (this.#isBehind || !this.#everOpened) this.#catchUp();
    this.#everOpened = true;
    this.#isBehind = false;
  }

  /** @param {number} code */
  #lost(code) {
    clearInterval(this.#beat);
    this.#isBehind = true;
    // Asking for anything leads to the sign-in page; a socket would be refused again.
    if (code === NOT_SIGNED_IN) return this.#catchUp();
    this.#failures += 1;
    // A proxy that blocks sockets is no outage: then the desk asks every few seconds.
    this.#isPolling = !this.#everOpened && this.#failures >= BLOCKED_AFTER;
    if (this.#isPolling) this.#hideLost();
    else this.#sayLost ||= window.setTimeout(() => this.#showLost(), CALM);
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#retry = window.setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2));
  }

  #hurry() {
    if (this.#socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  #poll() {
    if (this.#isPolling && document.visibilityState === "visible") this.#catchUp();
  }

  #catchUp() {
    this.refreshList({ isUrgent: true });
    const id = openConversation();
    if (id) announceChange(id);
  }

  #showLost() {
    const line = document.getElementById("connection");
    if (!line) return;
    line.hidden = false;
    line.textContent = line.dataset.lost ?? "";
  }

  #hideLost() {
    clearTimeout(this.#sayLost);
    this.#sayLost = 0;
    document.getElementById("connection")?.setAttribute("hidden", "");
  }

  /** @param {object} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {Message} message */
  #receive(message) {
    if (message.type === "conversation.changed" && message.id) {
      this.#changes.set(String(message.id), performance.now());
      announceChange(message.id);
      this.refreshList();
    } else if (message.type === "inbox.changed") this.refreshList();
    else if (message.type === "customer.changed") this.#tell(`customer-${message.id}:changed`);
    else if (message.type === "presence") showPresence(message);
    else if (message.type === "customer.typing") showTyping(message);
  }

  /** A part of the page says so itself, after a form of its own. @param {Event} event */
  #changed(event) {
    const { id } = /** @type {CustomEvent} */ (event).detail;
    if (id) announceChange(id);
    this.refreshList({ isUrgent: true });
  }

  /** @param {Event} event */
  #noteStart(event) {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    ctx.askedAt = performance.now();
  }

  /** What changed while a conversation was on its way may be missing in it. @param {Event} event */
  #swapped(event) {
    const { ctx } = /** @type {CustomEvent} */ (event).detail;
    const before = this.#viewed;
    this.#lookAt();
    const id = openConversation();
    const changedAt = this.#changes.get(id ?? "") ?? 0;
    if (id && id !== before && changedAt > (ctx?.askedAt ?? 0)) announceChange(id);
  }

  /** Say which conversation is on screen, for the presence of colleagues. */
  #lookAt() {
    const id = openConversation();
    if (id === this.#viewed) return;
    this.#viewed = id;
    this.send({ type: "view", conversation: id ? Number(id) : null });
  }
}

/** @param {string} sentence @param {Node} sign */
function line(sentence, sign) {
  const part = document.createElement("span");
  part.append(sign, sentence);
  return part;
}

/** Three dots for whoever writes, an eye for whoever looks. @param {string} kind @param {string} sprite */
function signOf(kind, sprite) {
  if (kind === "viewing") return icon("eye", sprite);
  const dots = document.createElement("span");
  dots.className = "typing";
  for (let count = 0; count < 3; count += 1) dots.append(document.createElement("i"));
  return dots;
}

/** @param {string} name @param {string} sprite */
function icon(name, sprite) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const use = document.createElementNS(namespace, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** What was last heard of the conversation that is open. @type {Message} */
let present = { type: "presence" };
let typingEnds = 0;

/** Whoever stops without saying so is no longer shown. @param {Message} message */
function showTyping(message) {
  clearTimeout(typingEnds);
  const { conversation, on } = message;
  // A client without a socket of its own does not say its name: the page knows it.
  const name = message.name || document.getElementById("presence")?.dataset.customer;
  showPresence({ type: "presence", conversation, typing: on && name ? [name] : [] });
  if (on) typingEnds = window.setTimeout(() => showTyping({ ...message, on: false }), TYPING_LASTS);
}

/** @param {Message} heard */
function showPresence(heard) {
  const place = document.getElementById("presence");
  if (!place || String(heard.conversation) !== openConversation()) return;
  const isSame = heard.conversation === present.conversation;
  const message = isSame ? { ...present, ...heard } : heard;
  present = message;
  const names = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  const kinds = /** @type {const} */ (["typing", "replying", "viewing"]);
  const parts = kinds.flatMap((kind) => {
    const people = message[kind] ?? [];
    if (!people.length) return [];
    const label = people.length > 1 ? place.dataset[`${kind}Many`] : place.dataset[kind];
    const sentence = fill(label ?? place.dataset[kind] ?? "", { names: names.format(people) });
    return [line(sentence, signOf(kind, place.dataset.sprite ?? ""))];
  });
  place.replaceChildren(...parts);
}

const realtime = new Realtime();
if (meta("realtime-url")) realtime.start();
