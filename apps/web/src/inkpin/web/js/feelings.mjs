/** What is heard and felt: tones by Web Audio, vibration where the machine can. */
const LOUDNESS = 0.06;
const FADE = 0.008; // s, so that nothing clicks
const LONGEST = 1000; // ms of a vibration that is not ended

export class Feelings {
  constructor() {
    /** @type {AudioContext | null} */
    this.audio = null;
    // Browsers let a page sound once it was touched, and say so in the console when asked before.
    const wake = () => {
      this.audio ??= new AudioContext();
      this.audio.resume();
    };
    for (const event of ["pointerup", "keydown"]) addEventListener(event, wake);
  }

  tone(hertz, ms) {
    if (this.audio?.state !== "running") return;
    const now = this.audio.currentTime, end = now + ms / 1000;
    const source = new OscillatorNode(this.audio, { frequency: hertz });
    const volume = new GainNode(this.audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(LOUDNESS, now + FADE);
    volume.gain.setValueAtTime(LOUDNESS, end);
    volume.gain.linearRampToValueAtTime(0, end + FADE);
    source.connect(volume).connect(this.audio.destination);
    source.start(now);
    source.stop(end + FADE);
  }

  vibrate(on) {
    const { userActivation } = /** @type {any} */ (navigator);
    if (userActivation?.hasBeenActive ?? true) navigator.vibrate?.(on ? LONGEST : 0);
  }
}
