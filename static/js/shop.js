/**
 * What a shop does with the chat: it says what is in the basket, who is signed in, and
 * when they leave. The chat may be loaded later than this: it reads the list then.
 */
const chat = (window.tributary ||= []);
const facts = document.body.dataset;

chat.push(["set", { basket: Number(facts.basket) > 0 ? "full" : "empty" }]);
if (facts.identity) chat.push(["identify", facts.identity]);
if ("isLeaving" in facts) chat.push(["forget"]);
