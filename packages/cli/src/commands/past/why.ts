import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { History } from "@onymous/timetravel/history/History"
import * as Story from "@onymous/timetravel/questions/Story"
import * as HistoryForms from "@onymous/timetravel/questions/HistoryForms"
import * as Why from "@onymous/timetravel/questions/Why"
import { WrongUse } from "../../CommandError.ts"
import { table } from "../../output/Table.ts"
import { asking, at, past, pointAt } from "../../flags/PastFlags.ts"

const truth = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** Says why two ids are one person, or what kept them apart. */
export const why = Command.make(
  "why",
  {
    a: Argument.String("a").pipe(Argument.withDescription("A distinct id")),
    b: Argument.String("b").pipe(Argument.withDescription("Another one"), Argument.optional),
    ...past,
    at,
    property: Flag.String("property").pipe(
      Flag.withDescription("Why the person of a has this value: the events that set it"),
      Flag.optional,
    ),
    undo: truth("undo", "Which single event, left out, separates a from b"),
    culprits: truth("culprits", "The links of a's person whose loss would split it"),
  },
  Effect.fn(function* (given) {
    const a = DistinctId(given.a)
    const b = Option.map(given.b, DistinctId)
    const question = yield* questionOf(given)
    const answer = yield* asking(
      given,
      Effect.fnUntraced(function* (source) {
        const history = yield* source.about(new Set([a, ...Option.toArray(b)]))
        return question(history, yield* pointAt(source, history, given.at))
      }),
    )
    yield* Console.log(given.json ? JSON.stringify(answer.json) : answer.text)
  }),
).pipe(Command.withDescription("Say why two ids are one person, or what kept them apart"))

type Question = (
  history: History,
  point: Position,
) => { readonly json: object; readonly text: string }

interface Given {
  readonly a: string
  readonly b: Option.Option<string>
  readonly property: Option.Option<string>
  readonly undo: boolean
  readonly culprits: boolean
}

const questionOf = (given: Given): Effect.Effect<Question, WrongUse> => {
  const a = DistinctId(given.a)
  if (Option.isSome(given.property)) {
    const key = given.property.value
    return Effect.succeed((history, point) => settings(history, a, key, point))
  }
  if (given.culprits) return Effect.succeed((history, point) => culprits(history, a, point))
  if (Option.isNone(given.b)) {
    return Effect.fail(new WrongUse({ message: "b: expected another distinct id" }))
  }
  const b = DistinctId(given.b.value)
  const answer = given.undo ? undo : together
  return Effect.succeed((history, point) => answer(history, a, b, point))
}

const settings = (history: History, id: DistinctId, key: string, point: Position) => {
  const found = Story.settings(history, id, key, point)
  const text = table(
    ["POSITION", "EVENT", "VALUE"],
    found.map(({ position, event, value }) => [
      `${position}`,
      event === undefined ? "" : HistoryForms.nameOf(event.event),
      value === undefined ? "(not set)" : JSON.stringify(value),
    ]),
  )
  return {
    json: HistoryForms.settings(found),
    text: found.length === 0 ? `No event ever set ${key} for ${id}.` : text,
  }
}

const culprits = (history: History, id: DistinctId, point: Position) => {
  const found = Why.culprits(history, id, point)
  const text = table(
    ["POSITION", "EVENT", "LINKS", "PARTS"],
    found.map(({ link, parts }) => [
      `${link.event.position}`,
      HistoryForms.nameOf(link.event.event),
      `${link.source} → ${link.target}`,
      `${parts[0].length} and ${parts[1].length} ids`,
    ]),
  )
  return {
    json: HistoryForms.culprits(found),
    text: found.length === 0 ? "No single link holds it together." : text,
  }
}

const undo = (history: History, a: DistinctId, b: DistinctId, point: Position) => {
  const found = Why.undo(history, a, b, point)
  const text = found
    .map(({ position, event }) => `${position}  ${event.uuid}  ${HistoryForms.nameOf(event)}`)
    .join("\n")
  return {
    json: HistoryForms.undo(found),
    text: found.length > 0 ? text : nothingToUndo(history, a, b, point),
  }
}

const nothingToUndo = (history: History, a: DistinctId, b: DistinctId, point: Position) =>
  Why.why(history, a, b, point).isSame
    ? "No single event, left out, separates them."
    : `${a} and ${b} are not one person: there is nothing to undo.`

const together = (history: History, a: DistinctId, b: DistinctId, point: Position) => {
  const answer = Why.why(history, a, b, point)
  return { json: HistoryForms.why(answer), text: print(answer, a, b) }
}

const print = (answer: Why.Answer, a: DistinctId, b: DistinctId): string => {
  if (answer.isSame && answer.chain.length === 0) return `${a} and ${b} are one id.`
  if (answer.isSame) {
    const steps = answer.chain.map(({ link, from, to }) => [
      `${link.event.position}`,
      new Date(link.event.recordedAt).toISOString(),
      HistoryForms.nameOf(link.event.event),
      `${from} → ${to}`,
      link.outcome,
      link.event.event.uuid,
    ])
    const head = ["POSITION", "TIME", "EVENT", "IDS", "OUTCOME", "UUID"]
    return `${a} and ${b} are one person:\n${table(head, steps)}`
  }
  const separations = answer.separations.map(({ position, event }) => {
    const by = "by" in event && event.by !== undefined ? ` by ${event.by}` : ""
    const reason = "reason" in event && event.reason !== undefined ? `: ${event.reason}` : ""
    return `  until ${position} they were: ${HistoryForms.nameOf(event)}${by}${reason}`
  })
  const refusals = answer.refusals.map((warning) => {
    const { position, type, remedy } = HistoryForms.warning(warning)
    return `  at ${String(position)}: ${String(type)}. ${String(remedy)}`
  })
  const reasons = [...separations, ...refusals]
  return reasons.length === 0
    ? `${a} and ${b} are not one person: no event ever named both.`
    : `${a} and ${b} are not one person:\n${reasons.join("\n")}`
}
