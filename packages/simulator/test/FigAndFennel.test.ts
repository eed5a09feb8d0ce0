import { Result } from "effect"
import { expect, it } from "vitest"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position } from "@onymous/identity/event/Position"
import * as EventLine from "@onymous/log/file/EventLine"
import { mergesWorthALook } from "@onymous/persons/memory/MemoryTimeline"
import { History } from "@onymous/timetravel/history/History"
import * as FigAndFennel from "../src/demo/FigAndFennel.ts"

const project = ProjectId("demo")

const logOf = (endsAt: number) =>
  FigAndFennel.lines(endsAt).flatMap((line, index) => {
    const read = Result.getOrThrow(EventLine.decodeLine(JSON.stringify(line), index, project))
    if (read._tag === "Blank") return []
    const { event, recordedAt } = read.incoming
    return [{ position: Position(index + 1), recordedAt, event }]
  })

it.each([Date.UTC(2026, 10, 27, 17, 30), Date.UTC(2030, 0, 1)])(
  "the demo that ends at %d tells its stories, the wrong merge first",
  (endsAt) => {
    const log = logOf(endsAt)
    expect([log.length, log.at(-1)?.recordedAt]).toEqual([1630, endsAt])
    const history = new History(project, log, Presets.page)
    expect(history.personsAt()).toHaveLength(79)
    expect(history.warningsAt()).toHaveLength(18)
    const [wrong, ...others] = mergesWorthALook(history.tables, { project, limit: 100 })
    expect(wrong).toMatchObject({
      position: 1184,
      target: "tablet-kitchen",
      source: "noah@fig.example",
      lost: 3,
    })
    expect(others.every(({ lost }) => lost < 3)).toBe(true)
    const helga = history
      .personsAt()
      .find(({ properties }) => properties["name"] === "Helga Brandt")
    expect(helga?.distinctIds).toHaveLength(218)
  },
)
