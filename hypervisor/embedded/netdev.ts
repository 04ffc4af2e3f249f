/**
 * What is behind a network card: the base of all `-netdev` kinds, and the hub.
 *
 * @module
 */
import type { Activity } from "./activity.ts";
import { Claimable } from "./claim.ts";

/** A network card, as far as what is behind it knows. */
export interface NetCard {
  /** Whether the card's driver is ready for frames. */
  readonly canReceive: boolean;
  /** Takes a frame; returns false when it has no room, and then says when by {@linkcode Netdev.cardReady}. */
  receive(frame: Uint8Array): boolean;
  /** A frame that {@linkcode Netdev.send} kept has gone; more may be sent. */
  sendComplete(): undefined;
  /** The link came up or went down. */
  linkChanged(up: boolean): undefined;
}

/** Which way a frame goes: `rx` towards the outside, `tx` towards the card; the words are QEMU's. */
export type FrameDirection = "rx" | "tx";

/** Sees every frame that passes. */
export interface NetFilter {
  /** Looks at a frame, which is valid only during the call. */
  frame(frame: Uint8Array, direction: FrameDirection): undefined;
}

/** Most frames that wait for a card. QEMU: qemu_new_net_queue(). */
const WAITING_MAX = 10_000;

/** What is behind one network card. */
export abstract class Netdev extends Claimable {
  /** QEMU's word for its kind. */
  abstract readonly type: string;
  /** Whether frames can come from outside while the guest waits. */
  abstract readonly external: boolean;
  #card: NetCard | undefined;
  #linkUp = true;
  readonly #filters: NetFilter[] = [];
  #waiting: Uint8Array[] = [];
  /** The card's frame that could not go yet. */
  #held: Uint8Array | undefined;

  /** Whether the link is up. */
  get linkUp(): boolean {
    return this.#linkUp;
  }

  /** Whether the card in front can take a frame. */
  get cardCanReceive(): boolean {
    return this.#linkUp && this.#waiting.length === 0 && (this.#card?.canReceive ?? false);
  }

  /** Puts a card in front. */
  connect(card: NetCard): undefined {
    this.#card = card;
  }

  /** Lets a filter see every frame. */
  addFilter(filter: NetFilter): undefined {
    this.#filters.push(filter);
  }

  /** Pulls the cable or puts it back. QEMU: QMP `set_link`. */
  setLink(up: boolean): undefined {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    this.#card?.linkChanged(up);
  }

  /**
   * Takes a frame of the card.
   *
   * @param frame The frame, which is copied if it has to wait.
   * @returns False when it has to; the card sends no more until {@linkcode NetCard.sendComplete}.
   */
  send(frame: Uint8Array): boolean {
    if (!this.#linkUp) return true;
    for (const filter of this.#filters) filter.frame(frame, "rx");
    if (this.transmit(frame)) return true;
    this.#held = frame.slice();
    return false;
  }

  /** The card's driver is ready, or has given buffers: frames that wait may go. */
  cardReady(): undefined {
    const card = this.#card;
    while (card && this.#waiting.length > 0 && card.canReceive) {
      if (!card.receive(this.#waiting[0])) return;
      this.#waiting.shift();
    }
  }

  /**
   * The card's driver sets DRIVER_OK. What waited for that is lost, as in QEMU, which hands it out
   * just before the card takes frames.
   */
  cardStarting(): undefined {
    this.#waiting = [];
  }

  /** The card was reset: what it sent and could not go is forgotten. */
  cardReset(): undefined {
    this.#held = undefined;
  }

  /** Lets go of sockets. */
  close(): undefined {}

  /** Sends a frame outwards; returns false when it has to wait for {@linkcode takeHeld}. */
  protected abstract transmit(frame: Uint8Array): boolean;

  /** Takes the frame that had to wait; {@linkcode NetCard.sendComplete} is due when it has gone. */
  protected takeHeld(): Uint8Array | undefined {
    const frame = this.#held;
    this.#held = undefined;
    return frame;
  }

  /** Tells the card that the frame that had to wait has gone. */
  protected heldSent(): undefined {
    this.#card?.sendComplete();
  }

  /** Brings a frame to the card, now or when it has room. The frame is copied if it has to wait. */
  protected deliver(frame: Uint8Array): undefined {
    if (!this.#linkUp || !this.#card) return;
    for (const filter of this.#filters) filter.frame(frame, "tx");
    if (this.#waiting.length === 0 && this.#card.canReceive && this.#card.receive(frame)) return;
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(frame.slice());
  }

  protected inUse(property: string): string {
    return `Property '${property}' can't take value '${this.id}', it's in use`;
  }
}

/** A switch that sends each frame to all other ports. QEMU: net/hub.c. */
class Hub {
  readonly ports: HubPort[] = [];
}

/** Hubs by number. Machines that are given the same set are wired together. */
export class Hubs {
  readonly #hubs = new Map<number, Hub>();

  /**
   * Returns hub `hubid`, which comes into being with its first port.
   *
   * @internal
   */
  get(hubid: number): Hub {
    let hub = this.#hubs.get(hubid);
    if (!hub) this.#hubs.set(hubid, hub = new Hub());
    return hub;
  }
}

/** One port of a hub. QEMU: `-netdev hubport`. */
export class HubPort extends Netdev {
  readonly type = "hubport";
  readonly #hub: Hub;
  readonly #activity: Activity;

  /** @param activity Rung when a frame comes from another port, which may be another machine's. */
  constructor(id: string, hub: Hub, activity: Activity) {
    super(id);
    this.#hub = hub;
    this.#activity = activity;
    hub.ports.push(this);
  }

  /** Frames come from outside only if another machine has a port of the hub, too. */
  get external(): boolean {
    return this.#hub.ports.some((port) => port.#activity !== this.#activity);
  }

  override cardReady(): undefined {
    this.#resumeOthers();
    super.cardReady();
  }

  override cardStarting(): undefined {
    this.#resumeOthers();
    super.cardStarting();
  }

  override close(): undefined {
    const { ports } = this.#hub;
    const index = ports.indexOf(this);
    if (index >= 0) ports.splice(index, 1);
  }

  /** As in QEMU, a frame waits until at least one other card can take it. */
  protected transmit(frame: Uint8Array): boolean {
    if (!this.#others().some((port) => port.cardCanReceive)) return false;
    this.#spread(frame);
    return true;
  }

  #spread(frame: Uint8Array): undefined {
    for (const port of this.#others()) {
      port.deliver(frame);
      port.#activity.ring();
    }
  }

  /** One card can receive: what the others sent goes to everybody. QEMU: net_hub_flush(). */
  #resumeOthers(): undefined {
    for (const port of this.#others()) {
      const frame = port.takeHeld();
      if (!frame) continue;
      port.#spread(frame);
      port.heldSent();
    }
  }

  #others(): HubPort[] {
    return this.#hub.ports.filter((port) => port !== this);
  }
}
