import { Effect } from "effect"
import { cpus } from "node:os"

/**
 * The time that all cores have worked, for any process, and the time that they could have, in
 * milliseconds. Time that the system does not report to Node is in neither: waiting for disks, and
 * part of the network's work.
 */
const coreTimes = () => {
  let [busy, all] = [0, 0]
  for (const { times } of cpus()) {
    const worked = times.user + times.nice + times.sys + times.irq
    busy += worked
    all += worked + times.idle
  }
  return { busy, all }
}

/**
 * Shorter times, in milliseconds, say nothing, because the system counts in hundredths of a second.
 */
const leastAll = 200

/** Measures the share of time that the cores work during measurements. */
export class Cores {
  #busy = 0
  #all = 0

  /** Runs an effect, and adds its time. */
  during<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const before = coreTimes()
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          const after = coreTimes()
          this.#busy += after.busy - before.busy
          this.#all += after.all - before.all
        }),
      )
    })
  }

  /**
   * The share of busy time; 1 means that the cores were never idle, or that the time was too short
   * to tell.
   */
  get busy(): number {
    return this.#all < leastAll ? 1 : this.#busy / this.#all
  }
}
