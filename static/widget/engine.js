/** Everything that needs a token: conversations, what waits to be sent, and the socket. */
import { Chats } from "./chats.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { spoken } from "./words.js";

const SETTLE = 80;
const TRIES = 3;
const REOPENS = 2500;
const SOUNDS_WITHIN = 1500;
/** A stamp that is younger than a second is not taken. */
const FRESH = 1300;

/** @param {number} wait @returns {Promise<void>} */
const pause = (wait) => new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
/** How long after an accepted message we ask for it ourselves, if nobody says so. */
const PATIENCE = [400, 900, 2000, 4000, 8000];

export class Engine {
  /** @type {Promise<void> | null} */
  #opening = null;
  #isStopped = false;
  /** @type {Map<string, number>} */
  #asked = new Map();
  #heardAt = 0;
  /** Up to when we asked for news. */
  #since = "";

  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.trap = "";
    this.chats = new Chats(app.api, () => app.changed());
    this.chats.onArrival = (id, messages) => this.#arrived(id, messages);
    this.outbox = new Outbox({
      api: app.api,
      store: app.store,
      session: () => this.session(),
      changed: () => app.changed(),
      queueOf: (entry) => this.queueOf(entry),
      accepted: (entry, answer) => this.#accepted(entry, answer),
    });
    this.live = new Live({
      url: app.setup.socket,
      token: () => app.store.state.token,
      hear: (letter) => this.#hear(letter),
      poll: () => this.#poll(),
      changed: () => app.changed(),
    });
  }

  async start() {
    await this.outbox.restore();
    if (!this.app.store.state.token) return;
    await Promise.all([this.#readMe(), this.chats.refresh()]).catch(() => {});
    this.#goLive();
  }

  stop() {
    this.#isStopped = true;
    this.live.stop();
    this.outbox.stop();
  }

  #goLive() {
    if (this.#isStopped || !this.app.store.state.token) return;
    this.live.start();
    this.live.page(this.app.page);
  }

  async #readMe() {
    this.app.store.set({ me: await this.app.api.get("me/") });
  }

  /** @returns {Promise<void>} once there is a token; it is made when somebody writes */
  session() {
    if (this.app.store.state.token) return Promise.resolve();
    this.#opening ??= this.#open(TRIES).finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** @param {number} triesLeft @returns {Promise<void>} */
  async #open(triesLeft) {
    const { app } = this;
    const { me } = app.store.state;
    await pause(FRESH - (performance.now() - app.readAt));
    try {
      const { token, visitor } = await app.api.post(`channels/${app.channel.key}/sessions/`, {
        stamp: app.channel.stamp,
        website: this.trap,
        language: spoken(),
        attributes: app.attributes,
        ...(me?.email ? { email: me.email } : {}),
        ...(me?.name ? { name: me.name } : {}),
      });
      app.store.set({ token, me: visitor });
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (!triesLeft || !String(code).startsWith("stamp_")) throw error;
      // The page was open for longer than its stamp holds.
      await app.readAgain();
      return this.#open(triesLeft - 1);
    }
    this.#goLive();
  }

  /** What the visitor says of themselves; kept until there is a session. @param {{email?: string, name?: string}} claims */
  async claim(claims) {
    const { store, api } = this.app;
    if (store.state.token) store.set({ me: await api.call("PATCH", "me/", claims) });
    else store.set({ me: { ...store.state.me, ...claims, is_known: false, rules: this.app.channel.rules } });
    this.app.changed();
  }

  /** Messages of one queue leave one after the other. @param {any} entry @returns {string} */
  queueOf(entry) {
    return entry.conversation ?? this.chats.idOfTopic(entry.topic) ?? entry.topic;
  }

  /** What did not go out, and what was begun after it. */
  unsentWords() {
    const unsent = this.outbox.entries.filter((it) => it.state !== "sent").map((it) => it.text);
    const begun = this.app.store.draftOf(this.app.screen?.place ?? "");
    return [...unsent, begun].filter(Boolean).join("\n\n");
  }

  /** @param {any} entry @param {any} answer */
  #accepted(entry, answer) {
    if (!this.chats.add(entry.conversation, answer)) this.#expect(entry, 0);
    // Writing opens what had ended, a moment after the message is there.
    if (this.chats.infoOf(this.queueOf(entry))?.has_ended) setTimeout(() => void this.#look(null), REOPENS);
  }

  /** Ask until an accepted message is there, should nobody tell. @param {any} entry @param {number} turn */
  #expect(entry, turn) {
    if (turn >= PATIENCE.length || this.#isStopped) return;
    setTimeout(async () => {
      const id = this.queueOf(entry);
      if (!this.outbox.entries.includes(entry) || this.chats.has(id, entry.client_id)) return;
      await this.#look(this.chats.infoOf(id) ? id : null);
      this.#expect(entry, turn + 1);
    }, PATIENCE[turn]);
  }

  /** @param {string | null} id */
  async #look(id) {
    try {
      if (id && this.chats.threads.get(id)?.isLoaded) await this.chats.catchUp(id);
      else await this.chats.refresh();
    } catch {
      // The line is lost; whoever asks next catches up.
    }
  }

  /** @param {any} letter */
  #hear(letter) {
    const answers = {
      ready: () => this.catchUp(),
      "catch.up": () => this.catchUp(),
      "conversation.changed": () => this.chats.knows(letter) || this.#soon(letter.id),
      "conversation.seen": () => this.chats.amend(letter.id, { agent_seen_seq: letter.seq, agent_seen_at: letter.at }),
      typing: () => this.app.screen?.typing?.(letter),
      "access.changed": () => void this.#readMe().catch(() => {}),
    };
    answers[/** @type {keyof typeof answers} */ (letter.type)]?.();
  }

  /** Several changes at once are one look. @param {string} id */
  #soon(id) {
    if (this.#asked.has(id)) return;
    const first = Date.now() - this.#heardAt > 1000;
    this.#heardAt = Date.now();
    this.#asked.set(
      id,
      window.setTimeout(() => {
        this.#asked.delete(id);
        void this.#changed(id);
      }, first ? 0 : SETTLE),
    );
  }

  /** @param {string} id */
  async #changed(id) {
    const before = this.chats.infoOf(id)?.unread ?? 0;
    await this.#look(id);
    const info = this.chats.infoOf(id);
    if (!info?.unread || this.chats.threads.get(id)?.isLoaded) return;
    await this.chats.load(id).catch(() => {});
    // Nobody has opened it here, and still it is news.
    const theirs = this.chats.threads.get(id)?.messages.filter((it) => it.by !== "me") ?? [];
    if (info.unread > before && theirs.length) void this.#arrived(id, theirs.slice(before - info.unread));
  }

  /** After a gap: everything that may have happened meanwhile. */
  async catchUp() {
    this.outbox.hurry();
    const open = [...this.chats.threads.values()].filter((it) => it.isLoaded);
    await Promise.all([this.chats.refresh(), ...open.map((it) => this.chats.catchUp(it.id))]).catch(() => {});
  }

  /** Where sockets are blocked. */
  async #poll() {
    const news = await this.app.api.get("news/", { since: this.#since || null });
    this.#since = news.at;
    this.outbox.hurry();
    const changed = news.conversations.filter((/** @type {any} */ it) => this.chats.isBehind(it));
    await Promise.all(changed.map((/** @type {any} */ it) => this.#changed(it.id)));
    if (!changed.length && news.conversations.length) await this.chats.refresh();
  }

  /** @param {string} id @param {any[]} messages new ones, of an agent or the desk */
  async #arrived(id, messages) {
    for (const { id: message, text } of messages) this.app.host.tell("event", { name: "message", detail: { id: message, text } });
    const { seq } = messages.at(-1);
    // What was seen has arrived.
    if (this.chats.infoOf(id)?.seen_seq < seq) void this.app.api.post(`conversations/${id}/delivered/`, { seq }).catch(() => {});
    const { hasSound } = this.app.store.state;
    if (!(hasSound ?? this.app.channel.has_sound)) return;
    const arrived = Date.now();
    const { blip } = await import("./sound.js");
    // On a slow line it comes when the visitor may have left already.
    if (Date.now() - arrived < SOUNDS_WITHIN) void blip();
  }
}
