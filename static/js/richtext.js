/** The small set of rich text an answer may have, and how foreign HTML is cut down to it. */

const KEPT = new Set([
  "A", "B", "BLOCKQUOTE", "BR", "CODE", "EM", "I", "LI", "OL", "P", "PRE", "STRONG", "U", "UL",
]);
const DROPPED = new Set([
  "BUTTON", "HEAD", "IFRAME", "IMG", "INPUT", "META", "OBJECT", "SCRIPT", "STYLE", "SVG",
  "TEMPLATE", "TITLE", "VIDEO",
]);
const BLOCKS = new Set(["ARTICLE", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "SECTION", "TR"]);
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

/** Removed before parsing only to keep the console quiet: our policy refuses them anyway. */
const LOUD_ATTRIBUTES = /\s(?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*')/gi;

/** @param {Element} node */
const isUnsafeLink = (node) =>
  node.tagName === "A" && !SAFE_LINK.test(node.getAttribute("href")?.trim() ?? "");

/** @param {Node} source @param {Node} target */
function copyChildren(source, target) {
  for (const child of source.childNodes) copy(child, target);
}

/** @param {Node} node @param {Node} target */
function copy(node, target) {
  if (node.nodeType === Node.TEXT_NODE) {
    target.appendChild(document.createTextNode(node.nodeValue ?? ""));
    return;
  }
  if (!(node instanceof Element) || DROPPED.has(node.tagName.toUpperCase())) return;
  if (node.hasAttribute("data-mention")) return copyMention(node, target);
  const name = BLOCKS.has(node.tagName) ? "P" : node.tagName;
  if (!KEPT.has(name) || isUnsafeLink(node)) return copyChildren(node, target);
  const element = document.createElement(name);
  if (name === "A") element.setAttribute("href", node.getAttribute("href")?.trim() ?? "");
  copyChildren(node, element);
  target.appendChild(element);
}

/** @param {Element} node @param {Node} target */
function copyMention(node, target) {
  const mention = document.createElement("span");
  mention.className = "mention";
  mention.dataset.mention = node.getAttribute("data-mention") ?? "";
  mention.textContent = node.textContent;
  target.appendChild(mention);
}

/**
 * Cut HTML down to what an answer may have. Parsed in an inert document: nothing in it
 * loads or runs.
 * @param {string} html
 */
export function cleaned(html) {
  const holder = document.createElement("div");
  const quiet = html.replace(LOUD_ATTRIBUTES, "");
  copyChildren(new DOMParser().parseFromString(quiet, "text/html").body, holder);
  return holder.innerHTML;
}

/** @param {string} text */
export function paragraphs(text) {
  const holder = document.createElement("div");
  for (const block of text.split(/\n{2,}/)) {
    const paragraph = document.createElement("p");
    block.split("\n").forEach((line, index) => {
      if (index) paragraph.append(document.createElement("br"));
      paragraph.append(line);
    });
    holder.append(paragraph);
  }
  return holder.innerHTML;
}

/** @type {Record<string, () => void>} */
const COMMANDS = {
  bold: () => document.execCommand("bold"),
  italic: () => document.execCommand("italic"),
  list: () => document.execCommand("insertUnorderedList"),
  ordered: () => document.execCommand("insertOrderedList"),
  quote: () => {
    const isQuoted = window.getSelection()?.anchorNode?.parentElement?.closest("blockquote");
    document.execCommand(isQuoted ? "outdent" : "formatBlock", false, "blockquote");
  },
};

/** @param {string} name */
export const run = (name) => COMMANDS[name]?.();

/** @param {string} address */
export function link(address) {
  const href = SAFE_LINK.test(address) ? address : `https://${address}`;
  const isEmpty = window.getSelection()?.isCollapsed;
  if (!isEmpty) return document.execCommand("createLink", false, href);
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = address;
  return document.execCommand("insertHTML", false, `${anchor.outerHTML}&nbsp;`);
}

/** @param {DataTransfer} clipboard */
export function paste(clipboard) {
  const html = clipboard.getData("text/html");
  if (html) document.execCommand("insertHTML", false, cleaned(html));
  else document.execCommand("insertText", false, clipboard.getData("text/plain"));
}

/** Choose the `length` characters before the caret. @param {number} length */
function chooseBefore(length) {
  const selection = window.getSelection();
  for (let step = 0; step < length; step += 1) selection?.modify("extend", "backward", "character");
  return selection;
}

/** Put text in place of the `length` characters before the caret. @param {string} text @param {number} length */
export function replaceWithText(text, length) {
  chooseBefore(length);
  document.execCommand("insertText", false, text);
}

/**
 * Put an element in place of the `length` characters before the caret, and a space after
 * it. Not by `insertHTML`: that would write style attributes, which our policy forbids.
 * @param {HTMLElement} element
 * @param {number} length
 */
export function replaceWithElement(element, length) {
  const selection = chooseBefore(length);
  if (!selection?.rangeCount) return;
  const range = selection.getRangeAt(0);
  range.deleteContents();
  const space = document.createTextNode("\u00a0");
  range.insertNode(space);
  range.insertNode(element);
  selection.collapse(space, 1);
}
