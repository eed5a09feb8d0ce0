import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { nameOf } from "@onymous/api/forms/EventForms"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import { remedy } from "@onymous/identity/state/Warning"
import type {
  IdQuestion,
  PairQuestion,
  PropertyQuestion,
} from "@onymous/timetravel/questions/TimeTravel"
import type { Answer } from "@onymous/timetravel/questions/Why"
import { WrongUse } from "../../CommandError.ts"
import { table } from "../../output/Table.ts"
import { answerPast, at, past } from "../../flags/PastFlags.ts"

const truth = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** Shows the chain of events that made two ids one person, or the refusals between them. */
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
    const at = Option.getOrUndefined(given.at)
    if (Option.isSome(given.property)) {
      return yield* property(given, { distinctId: given.a, property: given.property.value, at })
    }
    if (given.culprits) return yield* culprits(given, { distinctId: given.a, at })
    if (Option.isNone(given.b)) {
      return yield* new WrongUse({ message: "b: expected another distinct id" })
    }
    const question = { a: given.a, b: given.b.value, at }
    yield* given.undo ? undo(given, question) : together(given, question)
  }),
).pipe(Command.withDescription("Say why two ids are one person, or what kept them apart"))

type Given = Parameters<typeof answerPast>[0]

const property = (given: Given, question: PropertyQuestion) =>
  answerPast(given, (past, project) => past.property(project, question), {
    form: WhyForms.settings,
    text: (found) =>
      found.length === 0
        ? `No event ever set ${question.property} for ${question.distinctId}.`
        : table(
            ["POSITION", "EVENT", "VALUE"],
            found.map(({ position, event, value }) => [
              `${position}`,
              event === undefined ? "" : nameOf(event.event),
              value === undefined ? "(not set)" : JSON.stringify(value),
            ]),
          ),
  })

const culprits = (given: Given, question: IdQuestion) =>
  answerPast(given, (past, project) => past.culprits(project, question), {
    form: WhyForms.culprits,
    text: (found) =>
      found.length === 0
        ? "No single link holds it together."
        : table(
            ["POSITION", "EVENT", "LINKS", "PARTS"],
            found.map(({ link, parts }) => [
              `${link.event.position}`,
              nameOf(link.event.event),
              `${link.source} → ${link.target}`,
              `${parts[0].length} and ${parts[1].length} ids`,
            ]),
          ),
  })

const undo = (given: Given, question: PairQuestion) =>
  answerPast(
    given,
    (past, project) =>
      Effect.all({ events: past.undo(project, question), why: past.why(project, question) }),
    {
      form: ({ events }) => WhyForms.undo(events),
      text: ({ events, why }) =>
        events
          .map(({ position, event }) => `${position}  ${event.uuid}  ${nameOf(event)}`)
          .join("\n") ||
        (why.isSame
          ? "No single event, left out, separates them."
          : `${question.a} and ${question.b} are not one person: there is nothing to undo.`),
    },
  )

const together = (given: Given, question: PairQuestion) =>
  answerPast(given, (past, project) => past.why(project, question), {
    form: WhyForms.why,
    text: (answer) => print(answer, question.a, question.b),
  })

const print = (answer: Answer, a: string, b: string): string => {
  if (answer.isSame && answer.chain.length === 0) return `${a} and ${b} are one id.`
  if (answer.isSame) {
    const steps = answer.chain.map(({ link, from, to }) => [
      `${link.event.position}`,
      new Date(link.event.recordedAt).toISOString(),
      nameOf(link.event.event),
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
    return `  until ${position} they were: ${nameOf(event)}${by}${reason}`
  })
  const refusals = answer.refusals.map((warning) => {
    return `  at ${warning.position}: ${warning.type}. ${remedy(warning.type)}`
  })
  const reasons = [...separations, ...refusals]
  return reasons.length === 0
    ? `${a} and ${b} are not one person: no event ever named both.`
    : `${a} and ${b} are not one person:\n${reasons.join("\n")}`
}
