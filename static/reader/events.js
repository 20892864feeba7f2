// @ts-check
/** Who wants to know what: a small event bus with typed names. */

/** @template {Record<string, any>} Events */
export class Bus {
  constructor() {
    /** @type {Map<keyof Events, Set<(value: any) => void>>} */
    this.listeners = new Map();
  }

  /**
   * Call `listener` at each `name`; the function returned ends that.
   * @template {keyof Events} K
   * @param {K} name
   * @param {(value: Events[K]) => void} listener
   * @returns {() => void}
   */
  on(name, listener) {
    let all = this.listeners.get(name);
    if (!all) this.listeners.set(name, (all = new Set()));
    all.add(listener);
    return () => void all?.delete(listener);
  }

  /**
   * One listener that fails does not keep the others from hearing.
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} value
   */
  emit(name, value) {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
