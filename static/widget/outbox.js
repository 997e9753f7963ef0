/**
 * What the visitor wrote, until the desk has it: each message under an id of its own that
 * never changes, one at a time per conversation, again and again until it was accepted.
 */
import { keepFiles, forgetFiles, readFiles } from "./filebox.js";

/**
 * @typedef {{client_id: string, conversation: string | null, topic: string | null, text: string, form?: any[], page?: any, invitation?: string, sent_at: string, fileNames: string[], files: File[], state: "sending" | "waiting" | "failed" | "sent", reason: string, tries: number}} Entry
 */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

export class Outbox {
  /** In the order they were written. @type {Entry[]} */
  entries = [];
  /** What is on its way, one of each queue. @type {Set<Entry>} */
  #leaving = new Set();
  /** What waits for its next try. @type {Map<Entry, number>} */
  #timers = new Map();
  #isStopped = false;

  /** @param {{api: any, store: any, session: () => Promise<void>, changed: () => void, queueOf: (entry: any) => string, accepted: (entry: Entry) => void}} given */
  constructor(given) {
    this.given = given;
    addEventListener("online", () => this.hurry());
  }

  /** Take up what a page before this one could not send. */
  async restore() {
    const { store } = this.given;
    const kept = store.waiting().map((/** @type {string} */ name) => store.read(name)).filter(Boolean);
    for (const it of kept.sort((/** @type {any} */ a, /** @type {any} */ b) => a.sent_at.localeCompare(b.sent_at))) {
      const files = it.fileNames.length ? await readFiles(it.client_id) : [];
      const isWhole = files.length === it.fileNames.length;
      this.entries.push({ ...it, files, tries: 0, state: isWhole ? it.state : "failed", reason: isWhole ? it.reason : "lostFiles" });
    }
    this.hurry();
  }

  /** @param {Partial<Entry> & {text: string}} given @returns {Entry} */
  add(given) {
    /** @type {Entry} */
    const entry = {
      client_id: crypto.randomUUID(),
      conversation: null,
      topic: null,
      sent_at: this.#now(),
      files: [],
      fileNames: (given.files ?? []).map((it) => it.name),
      state: "sending",
      reason: "",
      tries: 0,
      ...given,
    };
    this.entries.push(entry);
    this.#keep(entry);
    if (entry.files.length && this.given.store.mayKeep) void keepFiles(entry.client_id, entry.files);
    this.given.changed();
    void this.#pump(entry);
    return entry;
  }

  /** Never the same moment twice: it is what order is kept by. */
  #now() {
    const last = Date.parse(this.entries.at(-1)?.sent_at ?? "") || 0;
    return new Date(Math.max(Date.now(), last + 1)).toISOString();
  }

  /** @param {Entry} entry */
  retry(entry) {
    Object.assign(entry, { state: "sending", reason: "", tries: 0 });
    this.#keep(entry);
    this.given.changed();
    void this.#pump(entry);
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.entries = this.entries.filter((it) => it !== entry);
    this.#forget(entry);
    this.given.changed();
    void this.#pump(entry);
  }

  /** Try again at once: the line may be back. */
  hurry() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const entry of this.entries) void this.#pump(entry);
  }

  stop() {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Send what is due in the queue of `entry`. @param {Entry} entry */
  async #pump(entry) {
    for (let next = this.#next(entry); next && !this.#isStopped; next = this.#next(next)) {
      this.#leaving.add(next);
      const mayGoOn = await this.#send(next).finally(() => this.#leaving.delete(/** @type {Entry} */ (next)));
      if (!mayGoOn) return;
    }
  }

  /** A topic becomes a conversation while its messages leave: each turn asks anew what belongs to it. @param {Entry} entry */
  #next(entry) {
    const { queueOf } = this.given;
    const queue = queueOf(entry);
    const isOurs = (/** @type {Entry} */ it) => queueOf(it) === queue;
    if ([...this.#leaving, ...this.#timers.keys()].some(isOurs)) return undefined;
    return this.entries.find((it) => isOurs(it) && (it.state === "sending" || it.state === "waiting"));
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether the next one may follow */
  async #send(entry) {
    let answer;
    try {
      await this.given.session();
      if (this.#isStopped) return false;
      answer = await this.given.api.post("messages/", bodyOf(entry));
    } catch (error) {
      return this.#failed(entry, /** @type {any} */ (error));
    }
    entry.state = "sent";
    this.#forget(entry);
    this.given.accepted(entry, answer);
    this.given.changed();
    return true;
  }

  /** @param {Entry} entry @param {import("./api.js").ApiError} error */
  #failed(entry, error) {
    if (this.#isStopped || error.code === "token_invalid") return false;
    if (!(error instanceof Error) || !("isPassing" in error)) throw error;
    if (!error.isPassing) {
      Object.assign(entry, { state: "failed", reason: error.message });
      this.#keep(entry);
      this.given.changed();
      return true;
    }
    entry.state = "waiting";
    entry.tries += 1;
    this.given.changed();
    this.#tryLater(entry, error.wait);
    return false;
  }

  /** @param {Entry} entry @param {number} asked seconds */
  #tryLater(entry, asked) {
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (entry.tries - 1));
    const wait = Math.max(asked * 1000, ceiling * (0.5 + Math.random() / 2));
    this.#timers.set(
      entry,
      window.setTimeout(() => {
        this.#timers.delete(entry);
        void this.#pump(entry);
      }, wait),
    );
  }

  /** @param {Entry} entry */
  #name(entry) {
    return `${this.given.store.name}:out:${entry.client_id}`;
  }

  /** @param {Entry} entry */
  #keep(entry) {
    const { files: _files, tries: _tries, ...kept } = entry;
    this.given.store.write(this.#name(entry), kept);
  }

  /** @param {Entry} entry */
  #forget(entry) {
    this.given.store.drop(this.#name(entry));
    if (entry.fileNames.length) void forgetFiles(entry.client_id);
  }
}

/** @param {Entry} entry */
function bodyOf({ client_id, conversation, topic, text, form, page, invitation, sent_at, files }) {
  const message = {
    client_id,
    ...(conversation ? { conversation } : { topic }),
    text,
    sent_at,
    ...(form?.length ? { form } : {}),
    ...(page?.url ? { page } : {}),
    ...(invitation ? { invitation } : {}),
  };
  if (!files.length) return message;
  const body = new FormData();
  body.append("message", JSON.stringify(message));
  for (const file of files) body.append("files", file, file.name);
  return body;
}
