/** "Leaving? We can answer by email": an address is asked for once, beside the conversation. */
import { isMail } from "./ask.js";
import { h, icon } from "./dom.js";
import { MAIL } from "./icons.js";
import { t } from "./words.js";

/** @type {WeakMap<object, {state: string, card: HTMLElement}>} */
const CARDS = new WeakMap();

/** @param {any} screen @param {any[]} messages @returns {HTMLElement | null} the same card as long as nothing changed */
export function mailCard(screen, messages) {
  const { me } = screen.app.store.state;
  const state = cardState(screen, me, messages);
  const known = CARDS.get(screen);
  if (known?.state === state) return known.card;
  if (!state) return null;
  const card = h("div.mail", null);
  CARDS.set(screen, { state, card });
  if (state === "offer") offer(screen, card);
  else told(screen, card, me.email);
  return card;
}

/** @param {any} screen @param {any} me @param {any[]} messages */
function cardState(screen, me, messages) {
  const known = CARDS.get(screen)?.state ?? "";
  if (screen.isClosed) return "";
  if (me?.email) return screen.hasNewMail || known.startsWith("told") ? `told ${me.email}` : "";
  if (me?.is_known) return "";
  return messages.some((it) => it.by === "me") ? "offer" : "";
}

/** @param {any} screen @param {HTMLElement} card */
function offer(screen, card) {
  const add = h("button.link", { type: "button", onclick: () => edit(screen, card, "") }, t("addEmail"));
  card.replaceChildren(icon(MAIL), h("span", null, t("leaving")), add);
}

/** @param {any} screen @param {HTMLElement} card @param {string} email */
function told(screen, card, email) {
  const change = h("button.link", { type: "button", onclick: () => edit(screen, card, email) }, t("change"));
  card.replaceChildren(icon(MAIL), h("span", { role: "status" }, t("savedEmail", { email })), change);
}

/** @param {any} screen @param {HTMLElement} card @param {string} email */
function edit(screen, card, email) {
  const input = h("input.field", { type: "email", "aria-label": t("yourEmail"), placeholder: t("yourEmail"), autocomplete: "email", inputmode: "email", dir: "ltr", "aria-describedby": "mail-problem" });
  const problem = h("p.problem", { id: "mail-problem", role: "alert" });
  input.value = email;
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    problem.textContent = isMail(input) ? "" : t("badEmail");
    input.toggleAttribute("aria-invalid", !isMail(input));
    if (problem.textContent) return input.focus();
    await keep(screen, input.value.trim()).then(
      () => screen.focus?.focus(),
      (error) => {
        problem.textContent = error.message || t("notDone");
      },
    );
  };
  card.replaceChildren(h("form", { onsubmit: save, novalidate: true }, input, h("button.go", { type: "submit" }, t("save")), problem));
  input.focus();
}

/** @param {any} screen @param {string} email */
async function keep(screen, email) {
  screen.hasNewMail = true;
  screen.app.wrote();
  await screen.engine.claim({ email });
}
