/** A small set: what people put into answers, with the words to find it by. */
const LINES = `
🙂 smile|😀 grin|😄 happy|😅 sweat|😂 joy|😉 wink|😊 blush|😍 love|🤗 hug|🤔 think|😎 cool|😇 angel
😢 sad|😭 cry|😬 grimace|😮 wow|😴 sleepy|🙈 oops|🙄 eyeroll|😕 confused|😳 flushed|🥳 party|😌 relief|🤝 deal
👍 thumbsup yes|👎 thumbsdown no|👋 wave hello|🙏 thanks please|👏 clap|💪 strong|👌 okay|✌️ peace|🤞 luck|👀 eyes look|✍️ write|🫶 care
❤️ heart|💛 yellow|💚 green|💙 blue|🔥 fire|✨ sparkles|🎉 tada|🎁 gift|⭐ star|☀️ sun|🌈 rainbow|🌱 plant
✅ done check|❌ wrong cross|⚠️ warning|❓ question|💡 idea|⏳ wait|⏰ alarm|📦 package parcel|🚚 truck delivery|🛒 cart|💳 card|🧾 receipt
📧 email|📞 phone|📎 clip|📷 photo|🔒 lock|🔑 key|🐛 bug|🔧 fix|🚀 rocket launch|☕ coffee|🍀 clover|📍 place
`;

export const EMOJI = LINES.trim()
  .split(/[|\n]/)
  .map((entry) => {
    const [character, ...words] = entry.trim().split(" ");
    return { character, words };
  });

/** @param {string} start */
export const emojiFor = (start) =>
  EMOJI.filter(({ words }) => words.some((word) => word.startsWith(start))).slice(0, 6);

/** Put a button for each into an empty grid. @param {Element | null} grid */
export function fillEmoji(grid) {
  if (!grid || grid.childElementCount) return;
  for (const { character, words } of EMOJI) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = character;
    button.setAttribute("aria-label", words[0]);
    grid.append(button);
  }
}
