import { Array as Arr, Console, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"
import { append, newProject } from "./AppendRate.ts"
import { latencyOf, grownOf, stepsTo } from "./Growth.ts"
import { waitMax } from "./ProjectionRate.ts"
import { batches, eventAt, millis, rate } from "../load/Scenario.ts"

/** Events of a small project: two visits. */
const eventsPerProject = 20

/** Projects that get their events at the same time. */
const atOnce = 8

/** Makes small projects, and waits for the persons of each. */
const make = Effect.fnUntraced(function* (count: number) {
  const { waitFor } = yield* Projector
  const projects: Array<ProjectId> = []
  const one = Effect.fnUntraced(function* (index: number) {
    const project = yield* newProject
    yield* append(project, batches(eventsPerProject, eventsPerProject, `${index}-`))
    const { position } = yield* (yield* EventLog).head(project)
    yield* waitFor(project, position, waitMax)
    projects.push(project)
  })
  const ms = yield* millis(
    Effect.forEach(Arr.range(1, count), one, { concurrency: atOnce, discard: true }),
  )
  return { projects, figures: { projects_per_s: rate(count, ms) } }
})

/** Measures questions and rebuilds of some of the projects. */
const questions = Effect.fnUntraced(function* (projects: ReadonlyArray<ProjectId>) {
  const persons = yield* Persons
  const { rebuild } = yield* Projector
  const { event } = eventAt(0, eventsPerProject, "1-")
  const id = event._tag === "Captured" ? event.distinctId : undefined
  const some = (index: number) => projects[(index * 7919) % projects.length]
  return {
    ...(yield* latencyOf("find", (index) => {
      const project = some(index)
      return project && id ? persons.find(project, id) : Effect.void
    })),
    ...(yield* latencyOf("rebuild", (index) => {
      const project = some(index)
      return project ? rebuild(project) : Effect.void
    })),
  }
})

/** Makes `size` small projects, and takes the same measurements several times on the way. */
export const measure = Effect.fnUntraced(function* (size: number) {
  const found: Array<Readonly<Record<string, number>>> = []
  let from = 0
  for (const count of stepsTo(size)) {
    const made = yield* make(count - from)
    yield* Console.log(`${count.toLocaleString("en")} projects are there.`)
    found.push({ projects: count, ...made.figures, ...(yield* questions(made.projects)) })
    from = count
  }
  return grownOf(found)
})
