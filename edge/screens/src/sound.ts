import { isMuted } from "./preferences";

const VOLUME = 0.08;
let context: AudioContext | null = null;

export const playAdded = () => play([[880, 0, 0.07]]);
export const playTrouble = () => play([[220, 0, 0.12], [175, 0.15, 0.18]]);
export const playPaid = () => play([[660, 0, 0.1], [880, 0.11, 0.16]]);

/** tones: hertz, start and length in seconds. */
function play(tones: [number, number, number][]): void {
  if (isMuted.value) return;
  context ??= new AudioContext();
  if (context.state === "suspended") {
    // A browser that has not been touched yet stays silent; a late beep would only confuse.
    if (!navigator.userActivation.hasBeenActive) return;
    void context.resume();
  }
  for (const [hertz, start, length] of tones) tone(context, hertz, context.currentTime + start, length);
}

function tone(into: AudioContext, hertz: number, at: number, length: number): void {
  const oscillator = into.createOscillator();
  const gain = into.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.01);
  gain.gain.linearRampToValueAtTime(0, at + length);
  oscillator.connect(gain).connect(into.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}
