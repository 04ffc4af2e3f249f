/**
 * Results of functions that sleep in some cases only. Most of what a boot looks at is not there or is ready at
 * once; a promise for each would cost more than what is done.
 *
 * Linux: might_sleep()
 *
 * @module
 */

/** The result of a function, or a promise of it where the function had to sleep. */
export type MightSleep<T> = T | Promise<T>;

/** Goes on with a result: at once where nobody slept. */
export function then<T, U>(
  result: MightSleep<T>,
  next: (value: T) => MightSleep<U>,
): MightSleep<U> {
  return result instanceof Promise ? result.then(next) : next(result);
}

/** Goes on with what comes of `body`: its result or its error. What these throw is not caught. */
export function attempt<T, U>(
  body: () => MightSleep<T>,
  next: (value: T) => MightSleep<U>,
  failed: (error: unknown) => MightSleep<U>,
): MightSleep<U> {
  let result: MightSleep<T>;
  try {
    result = body();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(next, failed) : next(result);
}
