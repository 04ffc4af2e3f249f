/** The name of nodes: all nodes of a tree that are called the same share one. */
export class NodeName {
  /** The part in front of the first `@`. */
  readonly base: string;
  /** The part behind it, empty if there is none. */
  readonly unitAddress: string;

  /** Takes the whole name. */
  constructor(readonly text: string) {
    const at = text.indexOf("@");
    this.base = at < 0 ? text : text.slice(0, at);
    this.unitAddress = at < 0 ? "" : text.slice(at + 1);
  }
}
