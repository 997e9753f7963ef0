/** What is asked before the first message, and how to leave one while nobody is there. */
import { isMail } from "./ask.js";
import { h, icon, iconButton } from "./dom.js";
import { backAt, closeButton } from "./home.js";
import { SEND } from "./icons.js";
import { BACK } from "./shapes.js";
import { t } from "./words.js";

const LONGEST = 10_000;
const KINDS = {
  mail: { type: "email", inputmode: "email", autocomplete: "email", dir: "ltr" },
  number: { type: "text", inputmode: "decimal" },
  date: { type: "date" },
  link: { type: "url", inputmode: "url", autocomplete: "url", dir: "ltr" },
  phone: { type: "tel", inputmode: "tel", autocomplete: "tel", dir: "ltr" },
};

/** @typedef {{name: string, label: string, type: string, is_required: boolean, options: string[]}} Field */

/** @param {any} app @param {{topic: string, text?: string, invitation?: any}} options */
export function formScreen(app, { topic, text, invitation }) {
  const { form, hours, people } = app.channel;
  const me = app.store.state.me;
  const isAway = !hours.is_open;
  const applies = form.for === "everybody" || (form.for === "visitors" && !me?.is_known);
  const fields = applies ? form.fields : [];
  const asksMail = isAway && !me?.email && !me?.is_known && !fields.some((/** @type {Field} */ it) => it.type === "mail");
  const questions = fields.map((/** @type {Field} */ it, /** @type {number} */ index) => question(it, `f${index}`, valueFor(it, me)));
  const mail = asksMail ? question({ name: "", label: t("yourEmail"), type: "mail", is_required: false, options: [] }, "mail", "") : null;
  const message = question({ name: "", label: t("yourMessage"), type: "words", is_required: true, options: [] }, "message", text || app.store.draftOf(""));
  const asked = [...questions, ...(mail ? [mail] : [])];
  const all = [...asked, message];
  for (const it of asked) it.fill(app.store.answers[it.key]);
  let isSent = false;
  // Only programs fill in what nobody sees.
  const trap = h("input", { name: "website", tabindex: "-1", autocomplete: "off" });
  const title = h("h1.cut", null, t(isAway ? "away" : "before"));

  /** Whoever looks elsewhere, or changes the language, finds it again. */
  function keep() {
    app.store.answers = isSent ? {} : Object.fromEntries(asked.map((it) => [it.key, it.filled()]));
    app.store.keepDraft("", isSent ? "" : message.input.value);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (isSent) return;
    const wrong = all.filter((it) => !it.check());
    if (wrong.length) return wrong[0].input.focus();
    app.engine.trap = trap.value;
    const email = questions.find((/** @type {any} */ it) => it.field.type === "mail" && it.value())?.value() ?? mail?.value();
    isSent = true;
    app.wrote();
    keep();
    if (email && email !== me?.email) void app.engine.claim({ email: String(email) }).catch(() => {});
    app.engine.outbox.add({ topic, text: String(message.value()), page: app.page, form: answersOf(questions), ...(invitation ? { invitation: invitation.key } : {}) });
    void app.show("chat", { topic, invitation, hasNewMail: Boolean(email) });
  }

  const head = h("header.head", null, iconButton(BACK, t("back"), () => app.show("home"), "back.mirrors"), h("div.words", null, title), ...closeButton(app));
  const why = isAway && h("p.away", null, hours.changes_at ? t("awayUntil", { time: backAt(hours) }) : t("awayLong"));
  const invited = invitation && h("div.m", { dir: "auto" }, people[0] && h("b", null, `${people[0].name}: `), invitation.text);
  const send = h("button.go", { type: "submit" }, icon(SEND, "mirrors"), t("sendForm"));
  const body = h(
    "main.form",
    { id: "main" },
    h("form", { onsubmit: submit, oninput: keep, novalidate: true }, why, invited, ...all.map((it) => it.element), h("div.trap", { "aria-hidden": "true" }, trap), send),
  );
  return {
    parts: [head, body],
    focus: matchMedia("(pointer: coarse)").matches ? title : all[0].input,
    leave: keep,
  };
}

/** @param {Field} field @param {any} me */
const valueFor = (field, me) => (field.type === "mail" ? (me?.email ?? "") : field.name === "name" ? (me?.name ?? "") : "");

/** @param {any[]} questions */
const answersOf = (questions) =>
  questions.map(({ field, value }) => ({ name: field.name, value: value() })).filter(({ value }) => value !== "" && value !== false);

/** @param {Field} field @param {string} id @param {string} value */
function question(field, id, value) {
  const input = inputFor(field, id);
  if (field.type !== "checkbox") input.value = value;
  const problem = h("p.problem", { id: `${id}-problem`, role: "alert" });
  const isTick = field.type === "checkbox";
  const optional = !field.is_required && !isTick && h("span.optional", null, ` (${t("optional")})`);
  const label = h("label", { for: id }, field.label, optional);
  const answer = () => (isTick ? input.checked : ["number", "phone"].includes(field.type) ? plain(input.value.trim()) : input.value.trim());
  const check = () => {
    const wrong = problemOf(field, input);
    problem.textContent = wrong;
    input.setAttribute("aria-invalid", String(Boolean(wrong)));
    return !wrong;
  };
  input.addEventListener("input", () => problem.textContent && check());
  const element = h(`div.question${isTick ? ".tick" : ""}`, null, ...(isTick ? [input, label] : [label, input]), problem);
  const part = isTick ? "checked" : "value";
  const fill = (/** @type {any} */ kept) => kept !== undefined && (input[part] = kept);
  return { field, input, element, value: answer, check, key: field.name || id, fill, filled: () => input[part] };
}

/** Arabic, Persian and wide digits are as good as others. @param {string} text */
const plain = (text) =>
  text.replace(/[٠-٩۰-۹０-９]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace("٫", ".").replace("＋", "+");

/** @param {Field} field @param {string} id */
function inputFor(field, id) {
  const shared = { id, "aria-describedby": `${id}-problem`, "aria-required": field.is_required ? "true" : null };
  if (field.type === "list") return h("select.field", shared, h("option", { value: "" }, t("choose")), ...field.options.map((it) => h("option", { value: it }, it)));
  if (field.type === "checkbox") return h("input", { ...shared, type: "checkbox" });
  if (field.type === "words") return h("textarea.field", { ...shared, rows: 4, dir: "auto", maxlength: LONGEST });
  const kind = KINDS[/** @type {keyof typeof KINDS} */ (field.type)] ?? { type: "text", autocomplete: field.name === "name" ? "name" : null, dir: "auto" };
  return h("input.field", { ...shared, ...kind, maxlength: 500 });
}

/** @param {Field} field @param {HTMLInputElement} input @returns {string} what is wrong, in words */
function problemOf({ type, is_required }, input) {
  const value = input.value.trim();
  if (type === "checkbox") return is_required && !input.checked ? t("missingTick") : "";
  if (input.validity.badInput) return t(type === "date" ? "badDate" : "badNumber");
  if (!value) return is_required ? t("missing") : "";
  if (type === "mail") return isMail(input) ? "" : t("badEmail");
  if (type === "number") return /^[-+]?\d+([.,]\d+)?$/.test(plain(value)) ? "" : t("badNumber");
  if (type === "link") return /^https?:\/\/[^\s.]+\.[^\s]+$/i.test(value) ? "" : t("badLink");
  if (type === "phone") return /^\+?\d[\d ()./-]{3,38}$/.test(plain(value)) ? "" : t("badPhone");
  return "";
}
