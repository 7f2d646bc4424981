/** ms that never go back, whatever the machine's date does and in whatever order events come. */
export class Clock {
  last = 0;

  now(time = performance.now()) {
    this.last = Math.max(this.last, Math.floor(time));
    return this.last >>> 0;
  }
}
