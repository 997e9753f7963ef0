/** What follows the end of a conversation: how did we do, in one click. */
import { h } from "./dom.js";
import { t } from "./words.js";

const FACES = ["😞", "🙁", "😐", "🙂", "😍"];

/** @type {WeakMap<object, {state: string, card: HTMLElement}>} */
const CARDS = new WeakMap();

/** @param {any} screen @returns {HTMLElement | null} the same card as long as it is about the same */
export function endedCard(screen) {
  if (!screen.isClosed) {
    CARDS.delete(screen);
    return null;
  }
  const { may_reply_to_closed, may_start } = screen.app.rules();
  const known = CARDS.get(screen);
  if (known) return known.card;
  const asks = screen.app.channel.asks_rating;
  const card = h(
    "div.ended",
    null,
    h("div.d", { role: "status" }, h("span", null, t(screen.info.has_ended ? "endedHere" : "closedHere"))),
    asks && rating(screen),
    !may_reply_to_closed && may_start && h("button.go", { type: "button", onclick: () => screen.app.startConversation() }, t("startNew")),
  );
  CARDS.set(screen, { state: screen.id, card });
  return card;
}

/** @param {any} screen */
function rating(screen) {
  const box = h("fieldset.rate", null);
  const more = h("div.rate-more", { "aria-live": "polite" });
  const choices = FACES.map((face, index) => {
    const score = index + 1;
    const input = h("input.hidden", { type: "radio", name: "score", value: score, checked: screen.info.rating === score, onchange: () => rated(screen, score, more) });
    return h("label", { title: t(`rate${score}`) }, input, h("span.face", { "aria-hidden": "true" }, face), h("span.hidden", null, t(`rate${score}`)));
  });
  box.append(h("legend", null, t("rate")), h("div.faces-row", null, ...choices), more);
  return box;
}

/** @param {any} screen @param {number} score @param {HTMLElement} more */
async function rated(screen, score, more) {
  const { engine, id } = screen;
  try {
    await engine.app.api.post(`conversations/${id}/rating/`, { score });
    engine.chats.amend(id, { rating: score });
  } catch (error) {
    more.replaceChildren(h("p.problem", null, /** @type {any} */ (error).message || t("notDone")));
    return;
  }
  if (!more.querySelector("form")) more.replaceChildren(commentForm(screen, more));
}

/** @param {any} screen @param {HTMLElement} more */
function commentForm(screen, more) {
  const words = h("textarea.field", { id: "rate-comment", rows: 2, maxlength: 5000, dir: "auto" });
  const problem = h("p.problem", { role: "alert" });
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const score = screen.info.rating;
    try {
      await screen.app.api.post(`conversations/${screen.id}/rating/`, { score, comment: words.value.trim() });
      const thanks = h("p.thanks", null, t("rateThanks"));
      more.replaceChildren(thanks);
      thanks.tabIndex = -1;
      thanks.focus();
    } catch (error) {
      problem.textContent = /** @type {any} */ (error).message || t("notDone");
    }
  };
  return h("form", { onsubmit: send }, h("label", { for: "rate-comment" }, t("rateMore")), words, problem, h("button.go", { type: "submit" }, t("sendForm")));
}
