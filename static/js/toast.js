/** Short messages in a corner, and what to say when a request fails. */
import { meta } from "./page.js";

const LIFETIME = 6000;

const holder = () => document.getElementById("toasts");

/** @param {Element} toast */
function dismiss(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), 220);
}

/** @param {Element} toast */
const dismissLater = (toast) => setTimeout(() => dismiss(toast), LIFETIME);

/** @param {string} text */
export function say(text) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = text;
  holder()?.append(toast);
  dismissLater(toast);
}

/** @param {"failed" | "refused" | "offline"} reason */
const sayWhy = (reason) => say(holder()?.dataset[`${reason}Label`] ?? "");

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-dismiss]") : null;
  const toast = button?.closest(".toast");
  if (toast) dismiss(toast);
});

document.addEventListener("toast", (event) => say(/** @type {CustomEvent} */ (event).detail.text));

document.addEventListener("htmx:response:error", (event) => {
  const status = /** @type {CustomEvent} */ (event).detail.ctx.response.status;
  if (status === 409 || status === 422) return;
  sayWhy(status === 403 || status === 404 ? "refused" : "failed");
});

document.addEventListener("htmx:error", (event) => {
  const { error } = /** @type {CustomEvent} */ (event).detail;
  if (error instanceof TypeError) sayWhy("offline");
});

/* A session that ended answers with the sign-in page: go there instead of showing it inside. */
document.addEventListener("htmx:before:response", (event) => {
  const response = /** @type {CustomEvent} */ (event).detail.ctx.response.raw;
  const signIn = meta("sign-in-url");
  if (!signIn || !response.redirected || !new URL(response.url).pathname.startsWith(signIn)) return;
  event.preventDefault();
  location.reload();
});

for (const toast of document.querySelectorAll("[data-toast]")) dismissLater(toast);
