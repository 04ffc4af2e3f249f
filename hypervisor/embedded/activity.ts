/**
 * How a waiting machine learns that something came from outside its own virtual time: a script typed
 * into a character device, another machine sent a frame, the host delivered bytes.
 *
 * @module
 */

/** A bell: whoever waits is woken by the next ring. */
export class Activity {
  #promise: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  /** Wakes everybody who waits now. */
  ring(): undefined {
    this.#resolve?.();
    this.#promise = undefined;
    this.#resolve = undefined;
  }

  /** Returns a promise that settles at the next {@linkcode ring}. */
  wait(): Promise<void> {
    this.#promise ??= new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    return this.#promise;
  }
}
