import { Effect } from "effect"
import { cpus } from "node:os"

/**
 * How long all cores of this machine have worked, whatever on, and how long they could have, in milliseconds.
 * What the system does not tell Node is in neither: waiting for a disk, and a part of the network's work.
 */
const spent = () => {
  let [busy, all] = [0, 0]
  for (const { times } of cpus()) {
    const worked = times.user + times.nice + times.sys + times.irq
    busy += worked
    all += worked + times.idle
  }
  return { busy, all }
}

/** The system counts in hundredths of a second: less than some of them tells nothing, in milliseconds. */
const leastAll = 200

/** Tells which share of their time the cores work while something is measured. */
export class Cores {
  #busy = 0
  #all = 0

  /** Runs an effect, and counts the time that it takes. */
  during<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const before = spent()
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          const after = spent()
          this.#busy += after.busy - before.busy
          this.#all += after.all - before.all
        }),
      )
    })
  }

  /** 1 where they were never idle: the same work can't be done in less time then. Nor can it be told of little. */
  get busy(): number {
    return this.#all < leastAll ? 1 : this.#busy / this.#all
  }
}
