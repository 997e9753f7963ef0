/** What agents wrote with formatting. The desk has cleaned it; here it is built again. */
import { h } from "./dom.js";
import { t } from "./words.js";

const KEPT = new Set("P BR B STRONG I EM U S DEL CODE PRE BLOCKQUOTE UL OL LI SPAN DIV".split(" "));
const DROPPED = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED FORM INPUT BUTTON TEXTAREA SELECT SVG MATH HEAD TITLE".split(" "));
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** @param {string} html */
export function cleaned(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const result = document.createDocumentFragment();
  copy(page.body, result);
  return result;
}

/** @param {Node} from @param {Node} to */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(written(node.textContent ?? "", to));
    if (!(node instanceof Element) || DROPPED.has(node.tagName.toUpperCase())) continue;
    const copied = made(node);
    if (copied) to.appendChild(copied);
    copy(node, copied ?? to);
  }
}

/** What is a link already stays one. @param {string} text @param {Node} to */
const written = (text, to) => (to instanceof Element && to.closest("a") ? document.createTextNode(text) : linked(text));

/** @param {Element} element @returns {HTMLElement | null} */
function made(element) {
  if (element.tagName === "A") return link(element.getAttribute("href") ?? "");
  if (element.tagName === "IMG") return picture(element);
  if (/^H[1-6]$/.test(element.tagName)) return h("p.strong");
  return KEPT.has(element.tagName) ? h(element.tagName.toLowerCase()) : null;
}

/** @param {string} href */
function link(href) {
  const isSafe = /^(https?:\/\/|mailto:|tel:)/i.test(href.trim());
  return isSafe ? h("a", { href: href.trim(), target: "_blank", rel: "noopener noreferrer nofollow", title: t("opensNew") }) : null;
}

/** Only pictures of our own: another server would learn who reads. @param {Element} element */
function picture(element) {
  const url = new URL(element.getAttribute("src") ?? "", location.href);
  return url.origin === location.origin ? h("img.inline", { src: url.href, alt: element.getAttribute("alt") ?? "" }) : null;
}

/** Plain text in which web addresses can be followed. @param {string} text */
export function linked(text) {
  const result = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = link(found[0]);
    address?.append(found[0]);
    result.append(text.slice(end, found.index), address ?? found[0]);
    end = found.index + found[0].length;
  }
  result.append(text.slice(end));
  return result;
}
