/** A question over the panel: yes or no, or for one address. */
import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * @param {{title: string, why: string, yes: string, isDanger?: boolean, email?: string}} question
 * @returns {Promise<string | boolean>} the address or true; false if it was called off
 */
export function ask({ title, why, yes, isDanger = false, email }) {
  return new Promise((resolve) => {
    /** @type {string | boolean} */
    let answer = false;
    const asksMail = email !== undefined;
    const problem = h("p.problem", { role: "alert", id: "ask-problem" });
    const field = asksMail && mailField(email ?? "");
    const cancel = h("button.second", { type: "button", onclick: () => dialog.close() }, t("cancel"));
    const form = h(
      "form",
      {
        novalidate: true,
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          if (field && !isMail(field.input)) {
            problem.textContent = t("badEmail");
            field.input.setAttribute("aria-invalid", "true");
            field.input.focus();
            return;
          }
          answer = field ? field.input.value.trim() : true;
          dialog.close();
        },
      },
      h("h2", { id: "ask-title" }, title),
      h("p", { id: "ask-why" }, why),
      ...(field ? [field.label, field.input, problem] : []),
      h("div.choices", null, cancel, h(`button.go${isDanger ? ".danger" : ""}`, { type: "submit" }, yes)),
    );
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const dialog = h("dialog.ask", { "aria-labelledby": "ask-title", "aria-describedby": "ask-why", onclose: closed }, form);
    function closed() {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(answer);
    }
    document.body.append(dialog);
    dialog.showModal();
    (field ? field.input : cancel).focus();
  });
}

/** @param {string} value */
function mailField(value) {
  const input = h("input.field", { type: "email", id: "ask-mail", autocomplete: "email", inputmode: "email", "aria-describedby": "ask-problem", dir: "ltr" });
  input.value = value;
  return { input, label: h("label", { for: "ask-mail" }, t("yourEmail")) };
}

/** @param {HTMLInputElement} input */
export const isMail = (input) => input.validity.valid && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(input.value.trim());
