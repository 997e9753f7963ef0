/** A list under the caret while somebody types `@name` or `:word`. */
import { emojiFor } from "./emoji.js";
import { replaceWithElement, replaceWithText } from "./richtext.js";

/** @typedef {{label: string, note?: string, element?: HTMLElement}} Suggestion */

const TRIGGER = /(?:^|\s)([@:])([\p{L}\p{N}_.+-]*)$/u;

function textBeforeCaret() {
  const selection = window.getSelection();
  const node = selection?.anchorNode;
  if (!selection?.isCollapsed || node?.nodeType !== Node.TEXT_NODE) return "";
  return (node.nodeValue ?? "").slice(0, selection.anchorOffset);
}

/** @param {{id: number, name: string}} agent @returns {Suggestion} */
function mentionOf(agent) {
  const mention = document.createElement("span");
  mention.className = "mention";
  mention.dataset.mention = String(agent.id);
  mention.textContent = `@${agent.name}`;
  return { label: agent.name, element: mention };
}

export class Suggestions {
  #list = document.createElement("div");
  /** @type {Suggestion[]} */
  #shown = [];
  #chosen = 0;
  #length = 0;
  /** @type {Promise<{id: number, name: string}[]> | null} */
  #agents = null;

  /** @param {HTMLElement} editor @param {string} mentionsUrl */
  constructor(editor, mentionsUrl) {
    this.editor = editor;
    this.mentionsUrl = mentionsUrl;
    this.#list.className = "suggestions";
    this.#list.id = "composer-suggestions";
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "@");
    editor.addEventListener("input", () => void this.#look());
    editor.addEventListener("keydown", (event) => this.#key(event), true);
    editor.addEventListener("blur", () => setTimeout(() => this.close(), 150));
  }

  get isOpen() {
    return this.#list.isConnected;
  }

  close() {
    this.#list.remove();
    this.editor.removeAttribute("aria-activedescendant");
  }

  #loadAgents() {
    this.#agents ??= fetch(this.mentionsUrl, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : { agents: [] }))
      .then((answer) => answer.agents)
      .catch(() => []);
    return this.#agents;
  }

  /** @param {string} sign @param {string} start @returns {Promise<Suggestion[]>} */
  async #find(sign, start) {
    if (sign === ":") {
      if (start.length < 2) return [];
      return emojiFor(start).map(({ character, words }) => ({
        label: character,
        note: words[0],
      }));
    }
    const wanted = start.toLocaleLowerCase();
    const agents = await this.#loadAgents();
    return agents
      .filter(({ name }) =>
        name.toLocaleLowerCase().split(/\s+/).some((word) => word.startsWith(wanted)),
      )
      .slice(0, 6)
      .map(mentionOf);
  }

  async #look() {
    const match = TRIGGER.exec(textBeforeCaret());
    if (!match) return this.close();
    const [, sign, start] = match;
    const found = await this.#find(sign, start.toLowerCase());
    if (!found.length) return this.close();
    this.#length = start.length + 1;
    this.#show(found);
  }

  /** @param {Suggestion[]} found */
  #show(found) {
    this.#shown = found;
    this.#chosen = 0;
    this.#list.replaceChildren(...found.map((each, index) => this.#option(each, index)));
    document.body.append(this.#list);
    this.#place();
    this.#mark();
  }

  /** @param {Suggestion} suggestion @param {number} index */
  #option(suggestion, index) {
    const option = document.createElement("div");
    option.className = "menu-item";
    option.id = `composer-suggestion-${index}`;
    option.setAttribute("role", "option");
    option.append(suggestion.label);
    if (suggestion.note) {
      const note = document.createElement("span");
      note.className = "end";
      note.textContent = suggestion.note;
      option.append(note);
    }
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.#chosen = index;
      this.#take();
    });
    return option;
  }

  #place() {
    const caret = window.getSelection()?.getRangeAt(0).getBoundingClientRect();
    if (!caret) return;
    const list = this.#list.getBoundingClientRect();
    const top = caret.top - list.height - 6;
    this.#list.style.top = `${top > 8 ? top : caret.bottom + 6}px`;
    this.#list.style.left = `${Math.min(caret.left, innerWidth - list.width - 8)}px`;
  }

  #mark() {
    [...this.#list.children].forEach((option, index) =>
      option.setAttribute("aria-selected", String(index === this.#chosen)),
    );
    this.editor.setAttribute("aria-activedescendant", `composer-suggestion-${this.#chosen}`);
  }

  #take() {
    const suggestion = this.#shown[this.#chosen];
    this.close();
    if (!suggestion) return;
    if (suggestion.element) replaceWithElement(suggestion.element, this.#length);
    else replaceWithText(suggestion.label, this.#length);
    this.editor.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.isOpen || event.isComposing) return;
    const count = this.#shown.length;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    const isTaken = ["Enter", "Tab"].includes(event.key);
    if (!step && !isTaken && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (step) {
      this.#chosen = (this.#chosen + step) % count;
      this.#mark();
    } else if (isTaken) this.#take();
    else this.close();
  }
}
