import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Mailbox from "../src/Mailbox.ts"

const weight = (message: number) => message

describe("Mailbox", () => {
  it("gives messages back in the order they came", () => {
    const mailbox = Mailbox.make<string>({ capacity: 3 })
    expect(["a", "b", "c"].map(mailbox.offer)).toEqual([true, true, true])
    expect(mailbox.takeBatch(2)).toEqual(["a", "b"])
    expect(mailbox.takeBatch(2)).toEqual(["c"])
    expect(mailbox.takeBatch(2)).toEqual([])
  })

  it("refuses what would exceed its capacity and keeps what it has", () => {
    const mailbox = Mailbox.make<number>({ capacity: 10, weight })
    expect([6, 5, 4].map(mailbox.offer)).toEqual([true, false, true])
    expect([mailbox.size(), mailbox.weight()]).toEqual([2, 10])
    expect(mailbox.takeBatch(10)).toEqual([6, 4])
    expect([mailbox.size(), mailbox.weight()]).toEqual([0, 0])
  })

  it("accepts a message heavier than its capacity when it is empty, and gives it alone", () => {
    const mailbox = Mailbox.make<number>({ capacity: 10, weight })
    expect([1, 11].map(mailbox.offer)).toEqual([true, false])
    mailbox.takeBatch(1)
    expect([11, 1].map(mailbox.offer)).toEqual([true, false])
    expect(mailbox.takeBatch(5)).toEqual([11])
  })

  it("queues a waiting message once when it coalesces, and again when it was taken", () => {
    const mailbox = Mailbox.make<string>({ capacity: 1, coalesce: true })
    expect(["wake", "wake", "other"].map(mailbox.offer)).toEqual([true, true, false])
    expect(mailbox.takeBatch(9)).toEqual(["wake"])
    expect(mailbox.offer("wake")).toBe(true)
    expect(mailbox.size()).toBe(1)
  })

  it("refuses a capacity or a weight under which it would have no bound", () => {
    for (const wrong of [0, -1, NaN]) {
      expect(() => Mailbox.make({ capacity: wrong })).toThrow(RangeError)
      expect(() => Mailbox.make({ capacity: 1, weight: () => wrong }).offer("a")).toThrow(
        RangeError,
      )
    }
  })

  const Weight = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
  const Step = Schema.Struct({ act: Schema.Literals(["offer", "take"]), weight: Weight })

  it.prop(
    "loses, doubles and reorders nothing, within its bounds",
    [Schema.Array(Step)],
    ([steps]) => {
      const capacity = 10
      const mailbox = Mailbox.make<(typeof steps)[number]>({
        capacity,
        weight: (step) => step.weight,
      })
      const accepted: Array<unknown> = []
      const taken: Array<unknown> = []
      const weightOf = (batch: typeof steps) => batch.reduce((sum, step) => sum + step.weight, 0)
      for (const step of steps) {
        const fits = mailbox.size() === 0 || mailbox.weight() + step.weight <= capacity
        if (step.act === "offer") {
          expect(mailbox.offer(step)).toBe(fits)
          if (fits) accepted.push(step)
        } else {
          const sizeBefore = mailbox.size()
          const batch = mailbox.takeBatch(step.weight)
          expect(batch.length > 0).toBe(sizeBefore > 0)
          expect(batch.length <= 1 || weightOf(batch) <= step.weight).toBe(true)
          taken.push(...batch)
        }
        expect(mailbox.weight() <= capacity || mailbox.size() === 1).toBe(true)
        expect(mailbox.size()).toBe(accepted.length - taken.length)
      }
      taken.push(...mailbox.takeBatch(Infinity))
      expect(taken).toEqual(accepted)
      expect(taken.every((message, index) => message === accepted[index])).toBe(true)
      expect(mailbox.weight()).toBe(0)
    },
  )
})
