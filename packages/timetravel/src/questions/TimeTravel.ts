import { Context, Effect, Layer, Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { namesOneOf } from "@onymous/identity/event/NamedIds"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Identity from "@onymous/identity/Identity"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import { OperationRefused } from "@onymous/log/OperationRefused"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import type { Edit } from "../history/EditedLog.ts"
import { type HistoryError, HistorySource } from "../history/HistorySource.ts"
import { NotUnderstood } from "../history/Point.ts"
import type { Verification } from "../history/Verify.ts"
import type {
  ActsQuestion,
  DiffQuestion,
  IdQuestion,
  PairQuestion,
  PointText,
  PropertyQuestion,
  WhatIfQuestion,
} from "./Question.ts"
import * as Bisect from "./Bisect.ts"
import * as Culprits from "./Culprits.ts"
import * as Difference from "./Difference.ts"
import * as PropertyBlame from "./story/PropertyBlame.ts"
import * as Story from "./story/Story.ts"
import * as Trace from "./trace/Trace.ts"
import * as WhatIf from "./WhatIf.ts"
import * as Why from "./Why.ts"

/**
 * The difference that an edit makes now, and the number of distinct ids that it can reach at most.
 */
export interface WhatIfAnswer extends Difference.Difference {
  readonly blastRadius: number
}

/** The first position at which a condition holds, with the event there. */
export interface BisectAnswer extends Bisect.Finding {
  readonly event: Recorded | undefined
}

type Answer<A, E = never> = Effect.Effect<A, HistoryError | E>

/**
 * Answers questions about a project's past. Server, library and command line all ask here;
 * `HistorySource` reads the past.
 */
export class TimeTravel extends Context.Service<
  TimeTravel,
  {
    /**
     * The chain of events that made two distinct ids one person, or the warnings and events that
     * kept them apart.
     */
    readonly why: (project: ProjectId, question: PairQuestion) => Answer<Why.Answer>
    /** The events without which, each by itself, two distinct ids of one person would be apart. */
    readonly undo: (project: ProjectId, question: PairQuestion) => Answer<ReadonlyArray<Recorded>>
    /** The links whose loss would split a person, most even split first. */
    readonly culprits: (
      project: ProjectId,
      question: IdQuestion,
    ) => Answer<ReadonlyArray<Culprits.Culprit>>
    /** The events that set a property of a person, latest first, including those whose value a merge has overwritten. */
    readonly property: (
      project: ProjectId,
      question: PropertyQuestion,
    ) => Answer<ReadonlyArray<PropertyBlame.Setting>>
    /** The checks that the rules made of an event, in order, with their outcomes. */
    readonly trace: (project: ProjectId, event: PointText) => Answer<Trace.Trace>
    /** Every change of the person of a distinct id, each with its cause, in order. */
    readonly history: (
      project: ProjectId,
      question: IdQuestion,
    ) => Answer<ReadonlyArray<Story.Happening>>
    /** The position of the first event that named a distinct id; undefined where no event did. */
    readonly firstNamed: (project: ProjectId, distinctId: string) => Answer<Position | undefined>
    /** The acts of operators up to a point, newest first. */
    readonly acts: (project: ProjectId, question: ActsQuestion) => Answer<ReadonlyArray<Recorded>>
    /** The persons and warnings that differ between two points. */
    readonly diff: (project: ProjectId, question: DiffQuestion) => Answer<Difference.Difference>
    /**
     * The first position at which a condition holds; the condition is one text or a list of words.
     */
    readonly bisect: (
      project: ProjectId,
      condition: string | ReadonlyArray<string>,
    ) => Answer<BisectAnswer>
    /** The difference that an edit would make now; writes nothing. */
    readonly whatIf: (project: ProjectId, question: WhatIfQuestion) => Answer<WhatIfAnswer>
    /**
     * The difference that retracting an event would make; fails where a retraction cannot undo it;
     * writes nothing.
     */
    readonly previewRetraction: (
      project: ProjectId,
      eventUuid: string,
    ) => Answer<Difference.Difference, OperationRefused>
    /** Compares the stored state with a fold of the log; stored hashes from a point on. */
    readonly verify: (
      project: ProjectId,
      question?: { readonly from?: PointText | undefined },
    ) => Answer<Verification>
  }
>()("@onymous/timetravel/questions/TimeTravel") {}

type Source = HistorySource["Service"]

type Method<Name extends keyof TimeTravel["Service"]> = TimeTravel["Service"][Name]

const pointOf = (
  source: Source,
  project: ProjectId,
  text: PointText | undefined,
  field: string,
): Answer<Position | undefined> =>
  text === undefined ? Effect.undefined : source.point(project, text, field)

/** The history of the cones of some ids, and the position that the question names. */
const asOf = Effect.fnUntraced(function* (
  source: Source,
  project: ProjectId,
  ids: ReadonlyArray<string>,
  at: PointText | undefined,
) {
  const point = yield* pointOf(source, project, at, "at")
  const history = yield* source.about(project, new Set(ids.map(DistinctId)))
  return { history, point: point ?? history.head }
})

const pairQuestions = (source: Source): Pick<TimeTravel["Service"], "why" | "undo"> => ({
  why: Effect.fn("TimeTravel.why")(function* (project, { a, b, at }) {
    const { history, point } = yield* asOf(source, project, [a, b], at)
    return yield* WorkInTurns.inBetween(
      Why.whyInTurns(history, DistinctId(a), DistinctId(b), point),
    )
  }),
  undo: Effect.fn("TimeTravel.undo")(function* (project, { a, b, at }) {
    const { history, point } = yield* asOf(source, project, [a, b], at)
    return yield* WorkInTurns.inBetween(Why.undo(history, DistinctId(a), DistinctId(b), point))
  }),
})

const idQuestions = (
  source: Source,
): Pick<TimeTravel["Service"], "culprits" | "property" | "history" | "firstNamed"> => ({
  culprits: Effect.fn("TimeTravel.culprits")(function* (project, { distinctId, at }) {
    const { history, point } = yield* asOf(source, project, [distinctId], at)
    return yield* WorkInTurns.inBetween(Culprits.culprits(history, DistinctId(distinctId), point))
  }),
  property: Effect.fn("TimeTravel.property")(function* (project, { distinctId, property, at }) {
    const { history, point } = yield* asOf(source, project, [distinctId], at)
    return yield* WorkInTurns.inBetween(
      PropertyBlame.settingsInTurns(history, DistinctId(distinctId), property, point),
    )
  }),
  history: Effect.fn("TimeTravel.history")(function* (project, { distinctId, at }) {
    const { history, point } = yield* asOf(source, project, [distinctId], at)
    return yield* WorkInTurns.inBetween(Story.storyInTurns(history, DistinctId(distinctId), point))
  }),
  firstNamed: Effect.fn("TimeTravel.firstNamed")(function* (project, distinctId) {
    const ids = new Set([DistinctId(distinctId)])
    const { log } = yield* source.about(project, ids)
    return log.find(({ event }) => namesOneOf(event, ids))?.position
  }),
})

const trace = (source: Source): Method<"trace"> =>
  Effect.fn("TimeTravel.trace")(function* (project, event) {
    const found = yield* source.around(project, yield* source.point(project, event, "event"))
    if (found === undefined) {
      const expected = "an event in the log"
      return yield* new NotUnderstood({ field: "event", expected, isUnknown: true })
    }
    return Trace.trace(found.history, found.recorded)
  })

const acts = (source: Source): Method<"acts"> =>
  Effect.fn("TimeTravel.acts")(function* (project, { before, limit, at }) {
    const point = yield* pointOf(source, project, at, "at")
    const end = Math.min(
      before ?? Number.MAX_SAFE_INTEGER,
      (point ?? Number.MAX_SAFE_INTEGER - 1) + 1,
    )
    return yield* source.acts(project, { before: Position(end), limit })
  })

const diff = (source: Source): Method<"diff"> =>
  Effect.fn("TimeTravel.diff")(function* (project, question) {
    const from = yield* source.point(project, question.from, "from")
    const to = yield* pointOf(source, project, question.to, "to")
    const id = question.distinctId === undefined ? undefined : DistinctId(question.distinctId)
    const history = yield* id === undefined
      ? source.whole(project)
      : source.about(project, new Set([id]))
    const difference = Difference.diff(history, from, to ?? history.head)
    return id === undefined ? difference : Difference.about(difference, id)
  })

const bisect = (source: Source): Method<"bisect"> =>
  Effect.fn("TimeTravel.bisect")(function* (project, condition) {
    const words = typeof condition === "string" ? Bisect.wordsOf(condition) : condition
    const ids = Bisect.idsOf(words)
    const history = yield* ids === undefined ? source.whole(project) : source.about(project, ids)
    const parsed = Result.mapError(
      Bisect.parse(history, words),
      (invalid) => new NotUnderstood(invalid),
    )
    const found = Bisect.bisect(yield* Effect.fromResult(parsed))
    const event = found.position === undefined ? undefined : history.eventAt(found.position)
    return { ...found, event }
  })

/** The events with these uuids; `NotUnderstood` for a uuid that the log does not have. */
const eventsOf = Effect.fnUntraced(function* (
  source: Source,
  project: ProjectId,
  uuids: ReadonlyArray<string>,
) {
  const events: Array<Recorded> = []
  for (const uuid of uuids) {
    const event = yield* source.eventOf(project, Uuid.normalised(uuid) ?? uuid)
    if (event === undefined) {
      const expected = `uuids of events in the log, which has none with ${JSON.stringify(uuid)}`
      return yield* new NotUnderstood({ field: "without", expected, isUnknown: true })
    }
    events.push(event)
  }
  return events
})

const whatIf = (source: Source): Method<"whatIf"> =>
  Effect.fn("TimeTravel.whatIf")(function* (project, question) {
    const { insert = [], policy } = question
    const from = yield* pointOf(source, project, question.from, "from")
    const leftOut = yield* eventsOf(source, project, question.without ?? [])
    const edit: Edit = {
      without: new Set(leftOut.map(({ event }) => event.uuid)),
      insert,
      ...(policy !== undefined && { policy }),
      ...(from !== undefined && { from }),
    }
    // A policy change may reach every person; an event reaches only the cones of its ids.
    const ids = Identity.touched([...leftOut, ...insert])
    const history = yield* policy === undefined
      ? source.about(project, ids, edit)
      : source.whole(project)
    const blastRadius = WhatIf.blastRadius(history, edit)
    const difference = yield* WhatIf.replay(history, edit)
    return { ...difference, blastRadius }
  })

const previewRetraction = (source: Source): Method<"previewRetraction"> =>
  Effect.fn("TimeTravel.previewRetraction")(function* (project, eventUuid) {
    const uuid = Uuid.normalised(eventUuid)
    if (uuid === undefined) {
      return yield* new OperationRefused({
        field: "event_uuid",
        expected: "the uuid of an event in the log",
      })
    }
    const event = yield* source.retractable(project, uuid)
    const edit = { without: new Set([event.uuid]) }
    const history = yield* source.about(project, Identity.touched([{ event }]), edit)
    return yield* WhatIf.replay(history, edit)
  })

const verify = (source: Source): Method<"verify"> =>
  Effect.fn("TimeTravel.verify")(function* (project, { from } = {}) {
    return yield* source.verify(project, yield* pointOf(source, project, from, "from"))
  })

/** Answers from the `HistorySource` provided. */
export const layer: Layer.Layer<TimeTravel, never, HistorySource> = Layer.effect(
  TimeTravel,
  Effect.map(HistorySource, (source) =>
    TimeTravel.of({
      ...pairQuestions(source),
      ...idQuestions(source),
      trace: trace(source),
      acts: acts(source),
      diff: diff(source),
      bisect: bisect(source),
      whatIf: whatIf(source),
      previewRetraction: previewRetraction(source),
      verify: verify(source),
    }),
  ),
)
