/**
 * Keys. An element's own key stands in its `data-hotkey`; pressing it clicks the element.
 * Nothing fires while somebody is typing.
 */
import { install, uninstall } from "../vendor/hotkey/hotkey.js";
import { hasMod, isApple, isTyping } from "./page.js";

/** @type {Set<HTMLElement>} */
const installed = new Set();

function forgetRemoved() {
  for (const element of installed) {
    if (element.isConnected) continue;
    uninstall(element);
    installed.delete(element);
  }
}

/** @param {ParentNode} root */
function wire(root) {
  forgetRemoved();
  for (const element of root.querySelectorAll("[data-hotkey]")) {
    if (!(element instanceof HTMLElement) || installed.has(element)) continue;
    install(element);
    installed.add(element);
  }
  if (!isApple) nameModifiers(root);
}

/** Elsewhere than on a Mac the key is called Ctrl. @param {ParentNode} root */
function nameModifiers(root) {
  for (const key of root.querySelectorAll("kbd[data-mod]")) {
    key.textContent = (key.textContent ?? "")
      .replace("⌘⇧", "Ctrl ⇧ ")
      .replace("⌘", "Ctrl ");
    key.removeAttribute("data-mod");
  }
}

/** @param {number} step */
function goToTopic(step) {
  const topics = [...document.querySelectorAll("#timeline-earlier .topic")];
  if (!topics.length) return;
  const at = topics.indexOf(/** @type {Element} */ (document.activeElement));
  const next = at < 0 ? (step < 0 ? topics.length - 1 : topics.length) : at + step;
  const target = topics[next] ?? (next > 0 ? document.getElementById("timeline") : topics[0]);
  if (!(target instanceof HTMLElement)) return;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

function leave() {
  const active = document.activeElement;
  if (active instanceof HTMLElement && isTyping(active)) {
    active.blur();
    document.getElementById("timeline")?.focus({ preventScroll: true });
    return;
  }
  const back = document.querySelector("[data-back]");
  if (back instanceof HTMLElement && back.offsetParent) back.click();
}

/** @param {KeyboardEvent} event */
function takeBack(event) {
  const buttons = document.querySelectorAll("[data-undo-send]");
  const button = buttons[buttons.length - 1];
  const active = document.activeElement;
  const hasOwnUndo = isTyping(active) && !active?.matches(".editor.is-blank, .htmx-request .editor");
  if (!(button instanceof HTMLElement) || hasOwnUndo) return;
  event.preventDefault();
  button.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (hasMod(event) && !event.shiftKey && event.key.toLowerCase() === "z") return takeBack(event);
  if (hasMod(event) && event.key.toLowerCase() === "k") {
    if (!isTyping(event.target)) return;
    event.preventDefault();
    document.querySelector("[data-open-palette]")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open], [popover]:popover-open"))
    return leave();
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") openDialog("shortcuts");
  else if (event.key === "[") goToTopic(-1);
  else if (event.key === "]") goToTopic(1);
});

/** @param {string} id */
function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-dialog]");
  if (opener) openDialog(opener.getAttribute("data-dialog") ?? "");
  if (target instanceof HTMLDialogElement) target.close();
});

document.addEventListener("htmx:after:process", (event) => {
  if (event.target instanceof Element) wire(event.target.parentElement ?? document);
});
document.addEventListener("htmx:after:swap", forgetRemoved);

/** Whether something had the focus before parts of the page were exchanged. */
let hadFocus = false;

document.addEventListener("htmx:before:swap", () => {
  hadFocus = document.activeElement !== document.body;
});

/* What had the focus may be gone: Tab goes on from the conversation, not from the top. */
document.addEventListener("htmx:after:swap", () => {
  if (!hadFocus || document.activeElement !== document.body) return;
  document.getElementById("timeline")?.focus({ preventScroll: true });
});
wire(document);
