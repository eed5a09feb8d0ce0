import { describe, expect, it } from "vitest"
import { events } from "../src/output/ProgressBar.ts"
import { ProgressLine, type Surface } from "../src/output/ProgressLine.ts"

/** A terminal whose clock a test sets. */
const surfaceOf = ({ isTerminal = true, columns = 80 } = {}) => {
  const written: Array<string> = []
  const callbacks: Array<() => void> = []
  const clock = { now: 0 }
  const surface: Surface = {
    isTerminal,
    columns: () => columns,
    write: (text) => written.push(text),
    now: () => clock.now,
    later: (_, draw) => callbacks.push(draw),
  }
  return { surface, written, callbacks, clock }
}

const folding = { name: "folding", unit: events }

const erased = "\r\u001B[K"

describe("the line of progress", () => {
  it("says nothing of work that ends within two seconds", () => {
    const { surface, written, clock } = surfaceOf()
    const line = new ProgressLine(surface)
    for (clock.now = 0; clock.now < 2000; clock.now += 100) line.show(folding, clock.now, 9000)
    line.end()
    expect(written).toEqual([])
  })

  it("is drawn over itself from then on, ten times a second at most", () => {
    const { surface, written, clock } = surfaceOf()
    const line = new ProgressLine(surface)
    for (clock.now = 0; clock.now <= 2250; clock.now += 10) line.show(folding, clock.now, 9000)
    expect(written).toHaveLength(3)
    expect(written[0]).toBe(
      `${erased}[#.......] 22 %  folding 2,000/9,000 events  1,000/s  7 s left`,
    )
  })

  it("is drawn when the two seconds are over where a step before was the last to say a word", () => {
    const { surface, written, callbacks, clock } = surfaceOf()
    new ProgressLine(surface).show({ name: "making indexes" })
    clock.now = 2000
    for (const draw of callbacks) draw()
    expect(written).toEqual([`${erased}making indexes …`])
  })

  it("shows a new step at once, and counts its rate anew", () => {
    const { surface, written, clock } = surfaceOf()
    const line = new ProgressLine(surface)
    line.show(folding, 0, 10)
    clock.now = 4000
    line.show(folding, 10, 10)
    line.show({ name: "comparing", unit: events }, 0, 10)
    clock.now = 5000
    line.show({ name: "comparing", unit: events }, 5, 10)
    expect(written.at(-2)).toContain("comparing 0/10 events  ?/s")
    expect(written.at(-1)).toContain("comparing 5/10 events  5/s")
  })

  it("is taken away for other text, and never comes back once the work is done", () => {
    const { surface, written, callbacks, clock } = surfaceOf()
    const line = new ProgressLine(surface)
    line.show(folding)
    clock.now = 3000
    line.show(folding, 1, 2)
    line.erase()
    line.erase()
    expect(written.filter((text) => text === erased)).toHaveLength(1)
    line.end()
    for (const draw of callbacks) draw()
    expect(written).toHaveLength(2)
  })

  it("is cut where the terminal would wrap it, and is nothing where there is no terminal", () => {
    const narrow = surfaceOf({ columns: 20 })
    const line = new ProgressLine(narrow.surface)
    line.show(folding)
    narrow.clock.now = 3000
    line.show(folding, 1, 2)
    expect(narrow.written).toEqual([`${erased}[####....] 50 %  fo`])
    const none = surfaceOf({ isTerminal: false })
    const silent = new ProgressLine(none.surface)
    silent.show(folding)
    none.clock.now = 3000
    silent.show(folding, 1, 2)
    expect(none.written).toEqual([])
  })
})
