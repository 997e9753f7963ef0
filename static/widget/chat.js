/** One conversation: its head, what was said, and the place to write. */
import { bubble, dayLine, stateLine, typingDots } from "./bubbles.js";
import { composer } from "./composer.js";
import { anybody, face, h, icon, iconButton } from "./dom.js";
import { closeButton } from "./home.js";
import { DOWN } from "./icons.js";
import { mailCard } from "./mail.js";
import { endedCard } from "./rate.js";
import { BACK, MORE } from "./shapes.js";
import { dayLabel, durationOf, t } from "./words.js";

const NEAR_END = 60;
const TYPING_LASTS = 7000;

/** @param {any} app @param {{id?: string, topic?: string, text?: string, invitation?: any, hasNewMail?: boolean}} options */
export const chatScreen = (app, options) => new ChatScreen(app, options);

class ChatScreen {
  #isPinned = true;
  /** How far down it was scrolled last. */
  #top = 0;
  #isLeaving = false;
  #missed = 0;
  #hasHistory = false;
  #typingTimer = 0;
  /** What each line of the conversation looks like. @type {Map<string, HTMLElement>} */
  #nodes = new Map();

  /** @param {any} app @param {{id?: string, topic?: string, text?: string, invitation?: any, hasNewMail?: boolean}} options */
  constructor(app, { id, topic, text, invitation, hasNewMail }) {
    this.app = app;
    this.engine = app.engine;
    this.topic = topic ?? null;
    this.id = id ?? app.engine.chats.idOfTopic(this.topic);
    this.invitation = invitation ?? null;
    this.hasNewMail = Boolean(hasNewMail);
    this.#build(text ?? "");
    if (this.id) void this.#load();
    else this.#hasHistory = true;
  }

  /** @param {string} text */
  #build(text) {
    this.name = h("h1.cut", { dir: "auto" });
    this.byline = h("small.byline");
    this.faceSlot = h("span.face-slot");
    this.head = h(
      "header.head",
      null,
      iconButton(BACK, t("back"), () => this.app.show("home"), "back.mirrors"),
      this.faceSlot,
      h("div.words", null, this.name, this.byline),
      iconButton(MORE, t("more"), (event) => this.app.openMenu(event.currentTarget, this), "more"),
      ...closeButton(this.app),
    );
    this.line = h("div.line", { role: "status" });
    this.earlier = h("button.link.earlier", { type: "button", hidden: true, onclick: () => this.#earlier() }, t("earlier"));
    this.log = h("div.log", { role: "log", "aria-live": "off", "aria-label": t("messages") });
    this.dots = h("div.typing-slot", { role: "status" });
    this.tail = h("div.tail");
    this.scroller = h("div.scroller", { tabindex: "0", role: "region", "aria-label": t("messages"), onscroll: () => this.#scrolled() }, this.earlier, h("div.lines", null, this.log, this.dots, this.tail));
    this.pill = h("button.pill", { type: "button", hidden: true, onclick: () => this.#toEnd(true) }, t("newMessages"), icon(DOWN));
    this.writing = composer(this, text);
    this.main = h("main.chat", { id: "main" }, this.line, this.scroller, this.pill, this.writing.element);
    this.parts = [this.head, this.main];
    this.focus = matchMedia("(pointer: coarse)").matches ? this.name : this.writing.input;
    this.resize = new ResizeObserver(() => this.#isPinned && this.#toEnd());
    for (const part of [this.scroller, this.log, this.tail]) this.resize.observe(part);
  }

  async #load() {
    this.log.setAttribute("aria-busy", "true");
    await this.engine.chats.load(this.id).catch(() => this.engine.live.given.changed());
    this.log.removeAttribute("aria-busy");
    // Only what comes from now on is read out.
    requestAnimationFrame(() => {
      this.#hasHistory = true;
      this.update();
    });
  }

  leave() {
    this.resize.disconnect();
    this.writing.leave();
    clearTimeout(this.#typingTimer);
  }

  get info() {
    return this.engine.chats.infoOf(this.id);
  }

  /** What a draft is kept under: "" until something was said here. */
  get place() {
    const hasBegun = this.engine.outbox.entries.some((/** @type {any} */ it) => it.topic === this.topic);
    return this.id ?? (hasBegun ? this.topic : "");
  }

  get isClosed() {
    return Boolean(this.info && (this.info.status === "closed" || this.info.has_ended));
  }

  /** @param {string} [why] */
  update(why) {
    this.id ??= this.engine.chats.idOfTopic(this.topic);
    if (this.id && !this.engine.chats.threads.get(this.id)?.isLoaded && this.#hasHistory) {
      this.#hasHistory = true;
      void this.engine.chats.load(this.id).catch(() => {});
    }
    this.#updateHead();
    this.#updateLines();
    this.#updateTail();
    this.line.textContent = this.engine.live.isLost ? t("lost") : "";
    if (why === "placed") this.#toEnd();
    if (!this.app.isOpen) this.writing.rest();
    this.#see();
  }

  #updateHead() {
    const { brand, reply_minutes } = this.app.channel;
    const agent = this.info?.agent ?? null;
    const person = agent ?? anybody(brand);
    const title = agent?.name ?? brand;
    if (this.name.textContent === title && this.faceSlot.firstChild) return;
    this.name.textContent = title;
    this.faceSlot.replaceChildren(face(person));
    const pace = reply_minutes == null ? "" : t("usually", { time: durationOf(reply_minutes) });
    // Where both do not fit, the brand gives way.
    this.byline.replaceChildren(
      ...(agent ? [h("span.cut", { dir: "auto" }, brand), h("span", null, pace && " · ")] : []),
      h("span.cut", null, pace),
    );
  }

  /** Everything there is to read: what was fetched, then what is on its way. */
  #messages() {
    const { chats, outbox } = this.engine;
    const fetched = this.id ? (chats.threads.get(this.id)?.messages ?? []) : [];
    const known = new Set(fetched.map((/** @type {any} */ it) => it.client_id).filter(Boolean));
    const queue = this.id ?? this.topic;
    const own = outbox.entries.filter(
      (/** @type {any} */ it) => (outbox.given.queueOf(it) === queue || (this.topic && it.topic === this.topic)) && !known.has(it.client_id),
    );
    return [
      ...this.#invited(fetched),
      ...fetched,
      ...own.map((/** @type {any} */ it) => ({ ...it, by: "me", at: it.sent_at, html: "", entry: it })),
    ];
  }

  /** What was answered with the first message; the desk keeps its words with the answer. @param {any[]} fetched */
  #invited([first]) {
    const text = first ? first.invitation : this.invitation?.text;
    if (!text) return [];
    const at = first?.at ?? (this.opened ??= new Date().toISOString());
    return [{ id: "invitation", by: "agent", agent: null, text, html: "", at, files: [] }];
  }

  #updateLines() {
    const messages = this.#messages();
    const before = this.#nodes;
    const next = new Map();
    /** @type {HTMLElement[]} */
    const lines = [];
    /** @param {string} key @param {() => HTMLElement} make */
    const line = (key, make) => {
      const node = before.get(key) ?? make();
      next.set(key, node);
      lines.push(node);
      return node;
    };
    let day = "";
    const states = statesOf(messages, this.info);
    messages.forEach((it, index) => {
      const label = dayLabel(it.at);
      if (label !== day) line(`day ${label}`, () => dayLine((day = label)));
      day = label;
      const key = it.client_id ?? it.id;
      const node = line(key, () => bubble(it));
      const follows = index > 0 && messages[index - 1].by === it.by && messages[index - 1].agent?.name === it.agent?.name;
      node.classList.toggle("follows", follows);
      const state = stateLine(it, states.get(key), this.engine.outbox);
      if (state) lines.push(state);
    });
    const fresh = lines.filter((it) => it.classList.contains("m") && !it.isConnected).length;
    if (!messages.length && !this.id) line("empty", () => h("p.empty", null, t(this.app.channel.hours.is_open ? "empty" : "emptyAway")));
    this.#nodes = next;
    this.log.setAttribute("aria-live", this.#hasHistory ? "polite" : "off");
    place(this.log, lines);
    this.earlier.hidden = !(this.id && this.engine.chats.threads.get(this.id)?.hasEarlier);
    if (messages.at(-1)?.by === "agent") this.#stopDots();
    this.#follow(fresh, messages.at(-1)?.by === "me");
  }

  /** @param {number} fresh @param {boolean} isOwn */
  #follow(fresh, isOwn) {
    if (!fresh) return;
    if (this.#isPinned || isOwn) return this.#toEnd();
    if (!this.#hasHistory || this.#isLeaving) return;
    this.#missed += fresh;
    this.pill.hidden = false;
  }

  #updateTail() {
    const messages = this.#messages();
    const cards = [endedCard(this), mailCard(this, messages)].filter((it) => it !== null);
    place(this.tail, /** @type {HTMLElement[]} */ (cards));
    const { may_reply_to_closed } = this.app.rules();
    this.writing.setOpen(!this.isClosed || may_reply_to_closed);
  }

  async #earlier() {
    this.#isLeaving = true;
    this.#hasHistory = false;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    const hadFocus = document.activeElement === this.earlier;
    await this.engine.chats.earlier(this.id).catch(() => {});
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    if (hadFocus && this.earlier.hidden) this.scroller.focus();
    requestAnimationFrame(() => {
      this.#hasHistory = true;
      this.#isLeaving = false;
    });
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    // What grew below has not moved anybody away from the end.
    if (isAtEnd || scrollTop < this.#top) this.#isPinned = isAtEnd;
    this.#top = scrollTop;
    if (isAtEnd) this.#caughtUp();
    if (scrollTop < 40 && !this.earlier.hidden && !this.#isLeaving && scrollHeight > clientHeight && this.#hasHistory) void this.#earlier();
  }

  /** @param {boolean} [isAsked] */
  #toEnd(isAsked = false) {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    if (isAsked) this.scroller.focus({ preventScroll: true });
    this.#isPinned = true;
    this.#caughtUp();
  }

  #caughtUp() {
    this.#missed = 0;
    this.pill.hidden = true;
    this.#see();
  }

  /** Say that everything was seen: only when somebody can have looked at it. */
  #see() {
    if (!this.id || !this.app.isOpen || document.visibilityState !== "visible" || !this.#isPinned) return;
    if (this.engine.chats.threads.get(this.id)?.isLoaded) void this.engine.chats.see(this.id);
  }

  /** Somebody on the other side is writing. @param {{conversation: string, name?: string, on: boolean}} letter */
  typing({ conversation, name, on }) {
    if (conversation !== this.id) return;
    clearTimeout(this.#typingTimer);
    if (!on) return this.#stopDots();
    this.#typingTimer = window.setTimeout(() => this.#stopDots(), TYPING_LASTS);
    if (this.dots.childElementCount) return;
    this.dots.replaceChildren(typingDots(name || t("somebody")));
    if (this.#isPinned) this.#toEnd();
  }

  #stopDots() {
    clearTimeout(this.#typingTimer);
    this.dots.replaceChildren();
  }

  /** Hand a message over to be sent. @param {{text: string, files: File[]}} written */
  send({ text, files }) {
    this.app.wrote();
    this.engine.outbox.add({
      ...(this.id ? { conversation: this.id } : { topic: this.topic }),
      text,
      files,
      page: this.app.page,
      ...(this.invitation && !this.id && !this.#messages().some((it) => it.entry) ? { invitation: this.invitation.key } : {}),
    });
  }

  /** @param {boolean} on */
  tellTyping(on) {
    if (!this.id || this.isClosed) return;
    if (!this.engine.live.typing(this.id, on)) void this.app.api.post(`conversations/${this.id}/typing/`, { on }).catch(() => {});
  }
}

/** Which messages have a line below that says how far they got. @param {any[]} messages @param {any} info */
function statesOf(messages, info) {
  const own = messages.filter((it) => it.by === "me");
  /** @param {any} it */
  const isSeen = (it) => !it.entry && (it.state === "seen" || it.seq <= (info?.agent_seen_seq ?? 0));
  const states = new Map();
  const lastSeen = own.findLast(isSeen);
  if (lastSeen) states.set(lastSeen.client_id ?? lastSeen.id, { name: "seen", at: info?.agent_seen_at ?? lastSeen.seen_at });
  const unsent = own.filter((it) => it.entry && it.entry.state !== "sent");
  unsent.forEach(({ client_id, entry: { state } }, at) => {
    // What is true of several in a row is said once; what failed asks for each.
    if (state === "failed" || unsent[at + 1]?.entry.state !== state) states.set(client_id, { name: state });
  });
  const last = own.at(-1);
  if (last && !states.has(last.client_id ?? last.id)) states.set(last.client_id ?? last.id, { name: last.entry ? "sent" : last.state });
  return states;
}

/** Put nodes in this order, touching only those that are not where they belong. @param {HTMLElement} parent @param {HTMLElement[]} wanted */
function place(parent, wanted) {
  /** @type {ChildNode | null} */
  let at = parent.firstChild;
  for (const node of wanted) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
