import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type * as WhyForms from "@onymous/api/forms/WhyForms"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { WrongUse } from "../../CommandError.ts"
import { ids, table, text, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { idArgument } from "../../flags/DistinctIds.ts"
import { endWith, exitCode } from "../../flags/ExitCodeFlag.ts"
import { at, past } from "../../flags/PastFlags.ts"
import type * as SourceFlags from "../../flags/SourceFlags.ts"

const truth = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** Shows the chain of events that made two ids one person, or the refusals between them. */
export const why = Command.make(
  "why",
  {
    a: idArgument("a", "A distinct id"),
    b: idArgument("b", "Another one").pipe(Argument.optional),
    ...past,
    at,
    property: Flag.String("property").pipe(
      Flag.withDescription("Why the person of a has this value: the events that set it"),
      Flag.optional,
    ),
    undo: truth("undo", "Which single event, left out, separates a from b"),
    exitCode,
    culprits: truth("culprits", "The links of a's person whose loss would split it"),
  },
  Effect.fn(function* (given) {
    const at = Option.getOrUndefined(given.at)
    if (Option.isSome(given.property)) {
      const asked = { a: given.a, property: given.property.value, at }
      const { settings } = yield* property(given, asked)
      return yield* endWith(given.exitCode, settings.length === 0)
    }
    if (given.culprits) {
      const found = yield* culprits(given, { a: given.a, at })
      return yield* endWith(given.exitCode, found.culprits.length === 0)
    }
    if (Option.isNone(given.b)) {
      return yield* new WrongUse({ message: "B: expected another distinct id" })
    }
    const question = { a: given.a, b: given.b.value, at }
    if (given.undo) {
      const { events } = yield* undo(given, question)
      return yield* endWith(given.exitCode, events.length === 0)
    }
    const { same } = yield* together(given, question)
    yield* endWith(given.exitCode, !same)
  }),
).pipe(Command.withDescription("Say why two ids are one person, or what kept them apart"))

interface Given extends SourceFlags.Given {
  readonly at: Option.Option<string>
}

interface IdQuestion {
  readonly a: string
  readonly at: string | undefined
}

interface PairQuestion extends IdQuestion {
  readonly b: string
}

interface PropertyQuestion extends IdQuestion {
  readonly property: string
}

/** The names of the arguments, and the points that are printed beside an answer. */
const asTyped = ({ at }: Given) => ({ names: named({ a: "A", b: "B" }), points: { "--at": at } })

const property = (given: Given, query: PropertyQuestion) =>
  answer(given, {
    ...asTyped(given),
    question: ({ past, params }) => past.property({ params, query }),
    silentOn: ({ settings }) => (settings.length === 0 ? [query.a] : []),
    text: ({ settings }, width) =>
      settings.length === 0
        ? [`No event ever set ${query.property} for ${query.a}.`]
        : table(
            [{ name: "POSITION" }, time("TIME"), text("EVENT", 1), text("VALUE"), text("LOST")],
            settings.map(({ position, received_at, event, value, is_set, lost_at }) => [
              `${position}`,
              received_at ?? "",
              event ?? "",
              is_set ? JSON.stringify(value) : "(not set)",
              lost_at === null ? "" : `in the merge at ${lost_at}`,
            ]),
            width,
          ),
  })

const culprits = (given: Given, query: IdQuestion) =>
  answer(given, {
    ...asTyped(given),
    question: ({ past, params }) => past.culprits({ params, query }),
    silentOn: ({ culprits }) => (culprits.length === 0 ? [query.a] : []),
    text: ({ culprits }, width) =>
      culprits.length === 0
        ? [`No single link holds ${query.a} together with another id.`]
        : table(
            [{ name: "POSITION" }, time("TIME", 2), text("EVENT", 1), ids("LINKS"), text("PARTS")],
            culprits.map(({ position, received_at, event, from, to, parts }) => [
              `${position}`,
              received_at,
              event,
              [`${from} →`, to],
              `${parts.map((part) => part.length).join(" + ")} ids`,
            ]),
            width,
          ),
  })

const undo = (given: Given, query: PairQuestion) =>
  answer(given, {
    ...asTyped(given),
    question: ({ past, params }) => past.undo({ params, query }),
    silentOn: ({ same }) => (same ? [] : idsOf(query)),
    text: ({ same, events }) => {
      if (!same) return [`${apart(query)}: there is nothing to undo.`]
      return events.length === 0
        ? ["No single event, left out, separates them."]
        : events.map(
            ({ position, received_at, event, event_uuid }) =>
              `${position}  ${received_at}  ${event}  ${event_uuid}`,
          )
    },
  })

const idsOf = ({ a, b }: PairQuestion): ReadonlyArray<string> => [...new Set([a, b])]

const apart = ({ a, b }: PairQuestion): string => `${a} and ${b} are not one person`

const together = (given: Given, query: PairQuestion) =>
  answer(given, {
    ...asTyped(given),
    question: ({ past, params }) => past.why({ params, query }),
    silentOn: ({ chain, refusals, separated = [] }) =>
      chain.length + refusals.length + separated.length === 0 ? idsOf(query) : [],
    text: (form, width) =>
      form.same ? chainText(form, query, width) : separationText(form, query),
  })

type Why = typeof WhyForms.Why.Type

const chainColumns = [
  { name: "POSITION" },
  time("TIME"),
  text("EVENT", 2),
  ids("IDS"),
  { name: "OUTCOME", spare: 1 },
  { name: "UUID", spare: 3 },
]

const chainText = ({ chain }: Why, { a, b }: PairQuestion, width: Width): ReadonlyArray<string> => {
  if (chain.length === 0) return [`${a} and ${b} are one id.`]
  const rows = chain.map(({ position, received_at, event, from, to, outcome, event_uuid }) => [
    `${position}`,
    received_at,
    event,
    [`${from} →`, to],
    outcome,
    event_uuid,
  ])
  return [`${a} and ${b} are one person:`, ...table(chainColumns, rows, width)]
}

const separationText = (
  { refusals, separated = [] }: Why,
  question: PairQuestion,
): ReadonlyArray<string> => {
  const separations = separated.map(({ position, received_at, event, by, reason }) => {
    const who = by === null ? "" : ` by ${by}`
    return `  until ${position}, ${received_at}, they were: ${event}${who}${reason === null ? "" : `: ${reason}`}`
  })
  const refused = refusals.map(
    ({ position, timestamp, type, remedy }) => `  at ${position}, ${timestamp}: ${type}. ${remedy}`,
  )
  const reasons = [...separations, ...refused]
  return reasons.length === 0
    ? [`${apart(question)}: no event ever named both.`]
    : [`${apart(question)}:`, ...reasons]
}
