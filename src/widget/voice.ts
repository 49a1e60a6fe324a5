/** Reads answers aloud with the voice that the device has, when asked to. Where there is none, it is not offered. */

export class Voice {
  private isOn = false;

  static isThere(): boolean {
    return 'speechSynthesis' in window;
  }

  /** Turns it on, beginning with `last`, or off, in the middle of a word if need be. */
  turn(on: boolean, last: string): void {
    this.isOn = on;
    this.hush();
    this.read(last);
  }

  /** Says a new answer after those that are being read. */
  read(text: string): void {
    if (!this.isOn || text === '') return;
    const words = new SpeechSynthesisUtterance(text.replace(/^- /gm, '').replace(/\(?https?:\/\/\S+/g, ''));
    words.lang = 'fr-FR';
    window.speechSynthesis.speak(words);
  }

  hush(): void {
    if (Voice.isThere()) window.speechSynthesis.cancel();
  }
}
