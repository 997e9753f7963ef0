/** The panel: which screen is shown, what the page around it asks for, and who is here. */
import { Api } from "./api.js";
import { focusOn, h } from "./dom.js";
import { homeScreen } from "./home.js";
import { Host } from "./host.js";
import { Store } from "./store.js";
import { dress } from "./theme.js";
import { readWords, spoken, t } from "./words.js";

/** @typedef {{parts: Node[], place?: string, focus: HTMLElement | null, update?: (why?: string) => void, leave?: () => void}} Screen */

const root = /** @type {HTMLElement} */ (document.getElementById("app"));

class App {
  setup = JSON.parse(document.getElementById("setup")?.textContent ?? "{}");
  /** What anybody may know of the channel. @type {any} */
  channel = null;
  /** Everything that needs a token; there once something was written. @type {any} */
  engine = null;
  store = new Store(this.setup.key);
  api = new Api();
  host = new Host((letter) => this.#hear(letter), this.setup.origins);
  isOpen = this.host.isAlone;
  page = { title: "", url: "" };
  /** @type {Record<string, any>} */
  attributes = {};
  /** One line for home, once. */
  said = "";
  /** When we asked for the channel: programs write at once, people do not. */
  readAt = 0;
  /** @type {Screen | null} */
  screen = null;
  #turn = 0;
  /** What is to be shown, or is shown already. @type {[any, any]} */
  #asked = ["home", {}];
  /** What of it has been shown. @type {any} */
  #shown = null;
  /** @type {Promise<any> | null} */
  #waking = null;
  /** @type {Promise<unknown> | null} */
  #dressing = null;
  /** @type {(() => void)[]} */
  #later = [];

  async start() {
    readWords(document);
    this.api.token = () => this.store.state.token;
    this.api.language = spoken;
    this.api.onLost = () => this.#startClean({ keepsWords: true });
    this.store.onOtherToken = () => location.reload();
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => this.screen?.update?.("shown"));
    this.host.tell("ready");
    dress(this.setup.theme);
    await this.#load();
  }

  async #load() {
    root.setAttribute("aria-busy", "true");
    try {
      await this.#readChannel();
    } catch {
      return this.#showBroken();
    }
    if (this.store.state.token || this.store.waiting().length) void this.wake();
    await this.show("home", { isFirst: true });
    root.removeAttribute("aria-busy");
    // It was opened before it was there.
    if (this.isOpen && !this.host.isAlone) focusOn(this.screen?.focus ?? null);
    for (const task of this.#later.splice(0)) task();
  }

  /** Ask again what the channel is like now. */
  async #readChannel() {
    this.readAt = performance.now();
    this.channel = await this.api.call("GET", `channels/${this.setup.key}/?language=${spoken()}`);
  }

  readAgain = () => this.#readChannel();

  #showBroken() {
    const again = h("button.go", { type: "button", onclick: () => this.#load() }, t("again"));
    const close = h("button.link", { type: "button", onclick: () => this.close() }, t("close"));
    root.replaceChildren(h("main.broken", null, h("h1", null, t("broken")), again, close));
    root.removeAttribute("aria-busy");
  }

  /** Load what a conversation needs, because somebody is about to begin one. */
  warm = () => void import("./chat.js").catch(() => {});

  /** @returns {Promise<any>} everything that needs a token */
  wake() {
    this.#waking ??= import("./engine.js").then(({ Engine }) => {
      this.engine = new Engine(this);
      return this.engine.start().then(() => this.engine);
    });
    this.#waking.catch(() => (this.#waking = null));
    return this.#waking;
  }

  /** What home does without. @returns {Promise<unknown>} */
  #dressMore() {
    this.#dressing ??= new Promise((resolve, reject) => {
      const href = document.body.dataset.chatCss;
      document.head.append(h("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }));
    });
    this.#dressing.catch(() => (this.#dressing = null));
    return this.#dressing;
  }

  rules = () => this.store.state.me?.rules ?? this.channel.rules;
  conversations = () => this.engine?.chats.list ?? [];

  /** @param {"home" | "chat" | "form"} name @param {any} [options] */
  async show(name, options = {}) {
    const turn = ++this.#turn;
    this.#asked = [name, options];
    try {
      const make = await this.#maker(name);
      if (turn !== this.#turn) return;
      this.#leave();
      this.screen = make(this, options);
      this.#shown = this.#asked;
    } catch (error) {
      if (turn === this.#turn) this.#showBroken();
      console.error("tributary:", error);
      return;
    }
    root.dataset.screen = name;
    root.replaceChildren(...(this.screen?.parts ?? []));
    if (name !== "home") this.said = "";
    this.screen?.update?.("placed");
    if (!options.isFirst && this.isOpen) focusOn(this.screen?.focus ?? null);
  }

  /** A screen is left once, however often others are asked for. */
  #leave() {
    this.screen?.leave?.();
    if (this.screen) this.screen.leave = undefined;
  }

  /** The same screen anew; words that were written on it since have become the draft. @param {any} [more] */
  #showAgain(more = {}) {
    const [name, options] = this.#asked;
    const given = this.#shown === this.#asked ? { ...options, text: "" } : options;
    return this.show(name, { ...given, ...more });
  }

  /** @param {string} name @returns {Promise<any>} */
  async #maker(name) {
    if (name === "home") return homeScreen;
    await Promise.all([this.wake(), this.#dressMore()]);
    if (name === "form") return (await import("./form.js")).formScreen;
    return (await import("./chat.js")).chatScreen;
  }

  /** Begin a topic, with the form before it where there is one. @param {{text?: string, invitation?: any}} [given] */
  startConversation(given = {}) {
    const { form, hours } = this.channel;
    const me = this.store.state.me;
    const asks = form.fields.length > 0 && (form.for === "everybody" || (form.for === "visitors" && !me?.is_known));
    const isAway = !hours.is_open && !me?.email && !me?.is_known;
    return this.show(asks || isAway ? "form" : "chat", { ...given, topic: crypto.randomUUID() });
  }

  changed() {
    this.screen?.update?.();
    this.host.tell("unread", { count: this.engine?.chats.unread ?? 0 });
  }

  /** The visitor wrote: from now on things may be kept. */
  wrote() {
    if (!this.store.mayKeep) this.host.tell("wrote");
    this.store.allow();
  }

  close() {
    this.host.tell("close");
  }

  /** @param {HTMLElement} button @param {any} chat the conversation it is about, if any */
  async openMenu(button, chat) {
    const [{ openMenu }] = await Promise.all([import("./menu.js"), this.#dressMore()]);
    openMenu(this, button, chat);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (!document.querySelector("dialog[open]")) this.close();
  }

  /** Forget who was here; words that were not sent yet wait in the composer. @param {{keepsWords?: boolean}} [how] */
  async #startClean({ keepsWords = false } = {}) {
    const words = keepsWords ? (this.engine?.unsentWords() ?? "") : "";
    this.#leave();
    this.engine?.stop();
    this.engine = null;
    this.#waking = null;
    this.store.forget();
    this.host.tell("unread", { count: 0 });
    if (words) return this.startConversation({ text: words });
    return this.show("home");
  }

  /** @param {string} [said] */
  forget(said = "") {
    this.said = said;
    this.host.tell("event", { name: "forgotten" });
    return this.#startClean();
  }

  /** @param {() => void} task */
  #whenLoaded(task) {
    if (this.screen) task();
    else this.#later.push(task);
  }

  /** @param {import("./host.js").Letter} letter */
  #hear(letter) {
    const answers = {
      hello: () => this.#hello(letter),
      open: () => this.#opened(true),
      close: () => this.#opened(false),
      page: () => this.#setPage(letter),
      set: () => this.#whenLoaded(() => this.#set(letter.attributes)),
      identify: () => this.#whenLoaded(() => this.#identify(letter.identity)),
      forget: () => this.#whenLoaded(() => this.forget()),
      ask: () => this.#whenLoaded(() => this.startConversation({ text: String(letter.text ?? "") })),
      invite: () => this.#whenLoaded(() => this.startConversation({ invitation: { key: letter.key, text: letter.text } })),
      language: () => this.#whenLoaded(() => this.#speak(String(letter.code ?? ""))),
    };
    answers[/** @type {keyof typeof answers} */ (letter.type)]?.();
  }

  /** @param {any} letter */
  #hello(letter) {
    this.#setPage(letter);
    Object.assign(this.attributes, letter.attributes);
    if (letter.language) this.#whenLoaded(() => this.#speak(letter.language));
    this.#opened(Boolean(letter.visible));
    this.changed();
  }

  /** @param {boolean} isOpen */
  #opened(isOpen) {
    const wasOpen = this.isOpen;
    this.isOpen = isOpen;
    this.screen?.update?.("shown");
    if (isOpen && !wasOpen) focusOn(this.screen?.focus ?? null);
  }

  /** @param {any} letter */
  #setPage({ url, title }) {
    // Not every browser says it to a socket, so nothing is told to begin with.
    if (navigator.doNotTrack === "1" || navigator.globalPrivacyControl) return;
    this.page = { url: String(url ?? ""), title: String(title ?? "") };
    this.engine?.live.page(this.page);
  }

  /** @param {Record<string, any>} attributes */
  #set(attributes) {
    Object.assign(this.attributes, attributes);
    if (this.store.state.token) void this.api.call("PATCH", "me/", { attributes }).catch((error) => this.complain(error));
  }

  /** @param {any} identity */
  async #identify(identity) {
    const { identify } = await import("./identify.js");
    const isNew = await identify(this, identity);
    if (!isNew) return;
    this.engine?.stop();
    this.#waking = null;
    await this.wake();
    // Whoever has begun to write meanwhile goes on where they are, as who they are.
    return this.#showAgain();
  }

  /** Say in the console what a developer has to know. @param {any} error */
  complain(error) {
    if (error.code !== "offline") console.error(`tributary: ${error.message} (${error.code})`);
  }

  /** Fetch the page in another language, and take its words. @param {string} code */
  async #speak(code) {
    if (!code || code.toLowerCase() === spoken()) return;
    const response = await fetch(`${location.pathname}?language=${encodeURIComponent(code)}`, { credentials: "omit" }).catch(() => null);
    if (!response?.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    document.documentElement.lang = page.documentElement.lang;
    document.documentElement.dir = page.documentElement.dir;
    readWords(page);
    await this.#readChannel().catch(() => {});
    // Whoever writes at this moment goes on writing.
    const isWriting = document.hasFocus() && root.contains(document.activeElement);
    if (this.screen) await this.#showAgain({ isFirst: !isWriting });
  }
}

void new App().start();
