/** The visitor's conversations, and their messages as far as they were fetched. */

/**
 * @typedef {{id: string, seq: number, client_id: string | null, by: "me" | "agent" | "desk", agent: any, text: string, html: string, at: string, files: any[], state: string}} Message
 * @typedef {{id: string, messages: Message[], last: number, hasEarlier: boolean, isLoaded: boolean, asking: Promise<void> | null, isStale: boolean}} Thread
 */

const PAGE = 50;

export class Chats {
  /** What the list shows, the newest first. @type {any[]} */
  list = [];
  /** Where the list goes on, if it does. @type {string | null} */
  next = null;
  /** How many pages of the list somebody has asked for. */
  #pages = 1;
  /** @type {Map<string, Thread>} */
  threads = new Map();
  /** @type {Promise<void> | null} */
  #asking = null;
  #isStale = false;

  /** @param {import("./api.js").Api} api @param {() => void} changed */
  constructor(api, changed) {
    this.api = api;
    this.changed = changed;
  }

  /** Told of new messages that are not the visitor's own. @param {string} _id @param {Message[]} _messages */
  onArrival(_id, _messages) {}

  get unread() {
    return this.list.reduce((sum, it) => sum + it.unread, 0);
  }

  /** @param {string | null} id */
  infoOf = (id) => this.list.find((it) => it.id === id) ?? null;

  /** @param {string | null} topic @returns {string | null} */
  idOfTopic = (topic) => (topic ? (this.list.find((it) => it.keys?.includes(topic))?.id ?? null) : null);

  /** @param {string} id @param {string} clientId */
  has = (id, clientId) => this.threads.get(id)?.messages.some((it) => it.client_id === clientId) ?? false;

  /** @param {{id: string, last_seq: number}} news */
  isBehind = ({ id, last_seq }) => !this.infoOf(id) || (this.threads.get(id)?.last ?? 0) < last_seq;

  /** Ask for the list; whoever asks while it is on its way gets the next one. @returns {Promise<void>} */
  refresh() {
    if (this.#asking) {
      this.#isStale = true;
      return this.#asking;
    }
    this.#asking = this.#refresh().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #refresh() {
    do {
      this.#isStale = false;
      const found = [];
      let next = null;
      for (let page = 0; page < this.#pages && (!page || next); page++) {
        const answer = await this.api.get("conversations/", { before: next });
        found.push(...answer.results);
        next = answer.next;
      }
      this.list = found;
      this.next = next;
    } while (this.#isStale);
    this.changed();
  }

  /** Fetch the next page of the list as well. */
  async older() {
    this.#pages++;
    await this.refresh().catch(() => this.#pages--);
  }

  /** @param {string} id @returns {Thread} */
  #thread(id) {
    const known = this.threads.get(id);
    if (known) return known;
    const thread = { id, messages: [], last: 0, hasEarlier: false, isLoaded: false, asking: null, isStale: false };
    this.threads.set(id, thread);
    return thread;
  }

  /** Fetch the newest messages of a conversation. @param {string} id */
  async load(id) {
    const thread = this.#thread(id);
    if (thread.isLoaded) return this.catchUp(id);
    const page = await this.api.get(`conversations/${id}/messages/`, { limit: PAGE });
    this.#take(thread, page);
    thread.hasEarlier = page.has_more;
    thread.isLoaded = true;
    this.changed();
  }

  /** @param {string} id */
  async earlier(id) {
    const thread = this.#thread(id);
    const page = await this.api.get(`conversations/${id}/messages/`, { before: thread.messages[0]?.seq ?? null, limit: PAGE });
    this.#take(thread, page);
    thread.hasEarlier = page.has_more;
    this.changed();
  }

  /** Fetch what came after the last message that we have. @param {string} id @returns {Promise<void>} */
  catchUp(id) {
    const thread = this.#thread(id);
    if (thread.asking) {
      thread.isStale = true;
      return thread.asking;
    }
    thread.asking = this.#catchUp(thread).finally(() => (thread.asking = null));
    return thread.asking;
  }

  /** @param {Thread} thread */
  async #catchUp(thread) {
    let page;
    do {
      thread.isStale = false;
      page = await this.api.get(`conversations/${thread.id}/messages/`, { after: thread.last, limit: PAGE });
      const fresh = this.#take(thread, page).filter((it) => it.by !== "me");
      this.changed();
      if (fresh.length) this.onArrival(thread.id, fresh);
    } while (page.has_more || thread.isStale);
  }

  /** @param {Thread} thread @param {any} page @returns {Message[]} what was not there */
  #take(thread, { results, conversation }) {
    const known = new Set(thread.messages.map((it) => it.id));
    const fresh = results.filter((/** @type {Message} */ it) => !known.has(it.id));
    thread.messages = [...thread.messages, ...fresh].sort((one, other) => one.seq - other.seq);
    thread.last = thread.messages.at(-1)?.seq ?? 0;
    if (conversation) this.put(conversation);
    return fresh;
  }

  /** Whether all that a change is about is there. @param {{id: string, seq?: number, seen_seq?: number}} change */
  knows({ id, seq = Infinity, seen_seq = Infinity }) {
    const info = this.infoOf(id);
    return (this.threads.get(id)?.last ?? 0) >= seq || (!info?.unread && info?.seen_seq >= seen_seq);
  }

  /** Take what was just written, if nothing before it is missing. @param {string} id @param {{message?: Message, after?: number}} answer @returns {boolean} whether it was taken */
  add(id, { message, after }) {
    const thread = this.threads.get(id);
    const info = this.infoOf(id);
    if (!message || !thread?.isLoaded || thread.last < /** @type {number} */ (after) || info?.status !== "open") return false;
    this.#take(thread, { results: [message] });
    this.put({ ...info, preview: message.text || message.files[0]?.name, preview_by: "me", last_at: message.at, last_seq: message.seq });
    return true;
  }

  /** Put what is known of a conversation now where it belongs. @param {any} info */
  put(info) {
    // What was heard in the meantime is newer than an answer that was on its way.
    const { agent_seen_seq, agent_seen_at } = this.infoOf(info.id) ?? {};
    if (agent_seen_seq > info.agent_seen_seq) Object.assign(info, { agent_seen_seq, agent_seen_at });
    const others = this.list.filter((it) => it.id !== info.id);
    this.list = [info, ...others].sort((one, other) => Date.parse(other.last_at) - Date.parse(one.last_at));
  }

  /** @param {string} id @param {object} changes */
  amend(id, changes) {
    const info = this.infoOf(id);
    if (info) Object.assign(info, changes);
    this.changed();
  }

  /** Everything that is there has been looked at: say so of what others wrote. @param {string} id */
  async see(id) {
    const info = this.infoOf(id);
    const { messages, last } = this.#thread(id);
    const theirs = messages.filter((it) => it.by !== "me").at(-1)?.seq ?? 0;
    if (!info || (info.seen_seq >= theirs && !info.unread)) return;
    const seq = theirs || last;
    this.amend(id, { seen_seq: seq, unread: 0 });
    await this.api.post(`conversations/${id}/seen/`, { seq }).catch(() => Object.assign(info, { seen_seq: 0 }));
  }
}
