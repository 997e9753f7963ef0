/** How an answer goes: which option of the composer is chosen, and what that shows. */
const REACHES_CUSTOMER = ["chat", "reply"];

export class Ways {
  /** @param {HTMLElement} composer @param {HTMLFormElement} form */
  constructor(composer, form) {
    this.composer = composer;
    this.form = form;
    this.#nameOffer(composer.dataset.ways);
  }

  /** A server that knows what is offered need not draw it anew. @param {string | undefined} stamp */
  #nameOffer(stamp) {
    if (!stamp) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "ways";
    field.value = stamp;
    this.form.append(field);
  }

  /** @returns {HTMLInputElement | null} */
  get chosen() {
    return this.form.querySelector("input[name=mode]:checked");
  }

  get mode() {
    return this.chosen?.dataset.mode ?? "";
  }

  get isNote() {
    return this.mode === "note";
  }

  get isChat() {
    return this.mode === "chat";
  }

  get isForward() {
    return this.mode === "forward";
  }

  #open() {
    return /** @type {HTMLInputElement[]} */ ([
      ...this.form.querySelectorAll("input[name=mode]:not(:disabled)"),
    ]);
  }

  /** @param {string} value */
  switchTo(value) {
    const option = this.#open().find((each) => each.value === value);
    if (option && !option.checked) option.click();
  }

  /** Between the channels, where there are several; else through all there is. */
  switchToNext() {
    const all = this.#open();
    const reaching = all.filter((each) => REACHES_CUSTOMER.includes(each.dataset.mode ?? ""));
    const options = reaching.length > 1 ? reaching : all;
    const at = options.findIndex((option) => option.checked);
    options[(at + 1) % options.length]?.click();
  }

  /** Back from a note to the way an answer goes by default. */
  answer() {
    if (this.isNote) this.#open()[0]?.click();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  /** A note and a chat have no addresses; those of the mail wait until they are wanted. */
  takeRecipients() {
    const option = this.chosen;
    if (!option || this.isNote || this.isChat) return;
    for (const name of ["to", "cc", "bcc"]) this.#field(name).value = option.dataset[name] ?? "";
    this.showRecipients();
  }

  /** In a chat the customer's lines are seen as they come; what a colleague answered is not. */
  noteSeen() {
    if (!this.isChat) return;
    const seen = this.#field("seen_seq");
    for (const item of document.querySelectorAll("#timeline-items > .message:not(.is-note)")) {
      const seq = Number(item.getAttribute("data-seq"));
      if (seq <= Number(seen.value)) continue;
      if (item.matches(".is-out")) return;
      seen.value = String(seq);
    }
  }

  /** What was typed for a mail that was not written after all. */
  forget() {
    const mail = this.form.querySelector("input[name=mode][data-mode=reply]") ?? this.chosen;
    for (const name of ["to", "cc", "bcc"])
      this.#field(name).value = mail?.getAttribute(`data-${name}`) ?? "";
    this.#field("subject").value = "";
    this.composer.querySelector("details.recipients")?.removeAttribute("open");
    this.showRecipients();
  }

  showRecipients() {
    const summary = this.composer.querySelector("[data-recipients]");
    const lines = ["to", "cc", "bcc"].map((name) => this.#field(name).value.trim());
    if (summary) summary.textContent = lines.filter(Boolean).join(", ");
  }

  show() {
    const { isNote, isChat } = this;
    this.composer.classList.toggle("is-note", isNote);
    this.composer.classList.toggle("is-chat", isChat);
    this.say(this.chosen?.dataset.why);
    const recipients = this.composer.querySelector("details.recipients");
    if (recipients instanceof HTMLDetailsElement) {
      recipients.hidden = isNote || isChat;
      if (this.isForward) recipients.open = true;
    }
    this.#hide("[data-reply-only]", isNote);
    this.#hide("[data-chat-only]", !isChat);
    this.#hide("[data-not-chat]", isChat);
    this.#showLabel();
  }

  /** @param {string} selector @param {boolean} isHidden */
  #hide(selector, isHidden) {
    for (const part of this.composer.querySelectorAll(selector))
      /** @type {HTMLElement} */ (part).hidden = isHidden;
  }

  /** The one line that says why. @param {string | undefined} words */
  say(words) {
    const why = this.composer.querySelector("p[data-why]");
    if (why && words) why.textContent = words;
  }

  #showLabel() {
    const button = this.composer.querySelector("[data-send]");
    const label = button?.querySelector("[data-label]");
    if (!(button instanceof HTMLElement) || !label) return;
    button.dataset.sendLabel ??= label.textContent ?? "";
    label.textContent = (this.isNote ? button.dataset.noteLabel : button.dataset.sendLabel) ?? "";
  }
}
