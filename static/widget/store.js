/**
 * What this browser keeps. Nothing before the visitor wrote; and where a browser lets
 * nobody keep anything, memory has to do.
 */

/** @typedef {{token: string, me: any, drafts: Record<string, string>, hasSound: boolean | null, keptMail: boolean}} State */

const EMPTY = { token: "", me: null, drafts: {}, hasSound: null, keptMail: false };

export class Store {
  /** Whether anything may be kept. */
  mayKeep = false;
  /** @type {State} */
  state = { ...EMPTY };
  /** What was chosen for a conversation and not sent yet. @type {Map<string, File[]>} */
  files = new Map();
  /** What was answered in the form so far. @type {Record<string, any>} */
  answers = {};

  /** @param {string} key of the channel */
  constructor(key) {
    this.name = `tributary:${key}`;
    this.#read();
    addEventListener("storage", (event) => {
      if (event.key === this.name) this.#changedElsewhere();
    });
  }

  /** Another tab took another token, or gave it up. */
  onOtherToken = () => {};

  #changedElsewhere() {
    const before = this.state.token;
    this.state = { ...EMPTY };
    this.#read();
    if (this.state.token !== before) this.onOtherToken();
  }

  #read() {
    const kept = this.read(this.name);
    if (!kept) return;
    this.mayKeep = true;
    Object.assign(this.state, kept);
  }

  /** @param {string} name @returns {any} */
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(name) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {any} value */
  write(name, value) {
    if (!this.mayKeep) return;
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // Full, or not allowed: memory has it.
    }
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    Object.assign(this.state, changes);
    this.write(this.name, this.state);
  }

  /** What was begun for a conversation, or with "" for a new one. @param {string} id */
  draftOf = (id) => this.state.drafts[id] ?? "";

  /** @param {string} id @param {string} text */
  keepDraft(id, text) {
    const { [id]: before = "", ...others } = this.state.drafts;
    if (text !== before) this.set({ drafts: text ? { ...others, [id]: text } : others });
  }

  /** From now on things may be kept: the visitor wrote. */
  allow() {
    this.mayKeep = true;
    this.set({});
  }

  /** The names of what waits to be sent. */
  waiting() {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(`${this.name}:out:`));
    } catch {
      return [];
    }
  }

  /** @param {string} name */
  drop(name) {
    try {
      localStorage.removeItem(name);
    } catch {
      // There was nothing, then.
    }
  }

  /** Forget everything, here and in the browser. */
  forget() {
    for (const name of [...this.waiting(), this.name]) this.drop(name);
    this.state = { ...EMPTY };
    this.files.clear();
    this.answers = {};
    this.mayKeep = false;
  }
}
