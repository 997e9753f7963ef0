/** Two soft notes when an answer comes. */

/** @type {AudioContext | null} */
let context = null;

/** Has to be called by a click once, or browsers stay silent. */
export function prepare() {
  context ??= new AudioContext();
  void context.resume();
}

export async function blip() {
  prepare();
  // Without a click it waits, and would sound at the next one: long after the answer.
  await Promise.race([context?.resume(), new Promise((done) => setTimeout(done, 500))]);
  if (context?.state !== "running") return;
  const { currentTime, destination } = /** @type {AudioContext} */ (context);
  [660, 880].forEach((pitch, index) => {
    const start = currentTime + index * 0.09;
    const note = /** @type {AudioContext} */ (context).createOscillator();
    const volume = /** @type {AudioContext} */ (context).createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.08, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
    note.connect(volume).connect(destination);
    note.start(start);
    note.stop(start + 0.24);
  });
}
