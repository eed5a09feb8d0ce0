import { describe, expect, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import * as Mailbox from "../src/Mailbox.ts"

/** Takes all waiting messages, oldest first. */
const taken = <Message>(mailbox: Mailbox.Mailbox<Message>): ReadonlyArray<Message> => {
  const next = mailbox.take()
  return Option.isNone(next) ? [] : [next.value, ...taken(mailbox)]
}

describe("Mailbox", () => {
  it("gives messages back in the order they came", () => {
    const mailbox = Mailbox.make<string>(3)
    expect(["a", "b", "c"].map(mailbox.offer)).toEqual([true, true, true])
    expect(taken(mailbox)).toEqual(["a", "b", "c"])
  })

  it("refuses what would exceed its capacity and keeps what it has", () => {
    const mailbox = Mailbox.make<number>(2)
    expect([1, 2, 3].map(mailbox.offer)).toEqual([true, true, false])
    expect(taken(mailbox)).toEqual([1, 2])
    expect(mailbox.offer(3)).toBe(true)
  })

  it("queues a waiting message once, also when it is full, and again when it was taken", () => {
    const mailbox = Mailbox.make<string>(1)
    expect(["wake", "wake", "other"].map(mailbox.offer)).toEqual([true, true, false])
    expect(taken(mailbox)).toEqual(["wake"])
    expect(mailbox.offer("wake")).toBe(true)
    expect(mailbox.size()).toBe(1)
  })

  it("takes any message for what it is, also undefined", () => {
    const mailbox = Mailbox.make<undefined>(1)
    expect(Option.isNone(mailbox.take())).toBe(true)
    mailbox.offer(undefined)
    expect(mailbox.take()).toEqual(Option.some(undefined))
    expect(Option.isNone(mailbox.take())).toBe(true)
  })

  it("refuses a capacity that could never hold anything", () => {
    for (const wrong of [0, 0.5, -1, NaN]) expect(() => Mailbox.make(wrong)).toThrow(RangeError)
  })

  const Message = Schema.Literals(["a", "b", "c", "d", "e"])
  const Step = Schema.Union([Message, Schema.Literals(["take", "clear"])])

  it.prop("is a bounded list of different messages", [Schema.Array(Step)], ([steps]) => {
    const capacity = 3
    const mailbox = Mailbox.make<string>(capacity)
    let waiting: ReadonlyArray<string> = []
    const differences = steps.filter((step) => {
      if (step === "clear") {
        mailbox.clear()
        waiting = []
      } else if (step === "take") {
        const [first, ...rest] = waiting
        waiting = rest
        if (Option.getOrUndefined(mailbox.take()) !== first) return true
      } else {
        const isWaiting = waiting.includes(step)
        const fits = isWaiting || waiting.length < capacity
        if (fits && !isWaiting) waiting = [...waiting, step]
        if (mailbox.offer(step) !== fits) return true
      }
      return mailbox.size() !== waiting.length
    })
    expect(differences).toEqual([])
    expect(taken(mailbox)).toEqual(waiting)
  })
})
