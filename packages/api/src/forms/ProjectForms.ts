import { Schema } from "effect"
import { At, Count, EventUuid, Project, StateHash, text, Time, timeOf, truth } from "./Listing.ts"
import { Policy } from "@onymous/identity/policy/Policy"

/** Requests that capture refused for one reason: how many, and what was told to the last of them. */
const Refused = Schema.Struct({
  status: Schema.Int.annotate({ description: "The HTTP status", examples: [400] }),
  code: text("The code of the error", "invalid_payload"),
  count: Count,
  last_at: Time,
  detail: text("What the last one was told", "batch[0].uuid: expected a uuid"),
}).annotate({ description: "What capture refused for one reason" })

const RefusedOf = Schema.Struct({
  project: Schema.NullOr(Project).annotate({
    description: "Whose token it had, if it was a project's",
  }),
  token: Schema.NullOr(text("The beginning of a token", "phc_BR4ZlfzJ…")).annotate({
    description: "The beginning of a token that is no project's",
  }),
  ...Refused.fields,
}).annotate({ description: "What capture refused of one sender for one reason" })

/** What capture refused since a server started: of a project, of a token that is no project's, or of neither. */
export const Refusals = Schema.Struct({
  since: Time,
  results: Schema.Array(RefusedOf).annotate({ description: "The last refused first" }),
}).annotate({ description: "What capture has refused since this server started" })

interface RefusalView {
  readonly project: string | undefined
  readonly token: string | undefined
  readonly status: number
  readonly code: string
  readonly count: number
  readonly lastAt: number
  readonly detail: string
}

/** The form of refusals of one reason. */
export const refused = ({
  status,
  code,
  count,
  lastAt,
  detail,
}: RefusalView): typeof Refused.Type => ({
  status,
  code,
  count,
  last_at: timeOf(lastAt),
  detail,
})

/** The form of all refusals. */
export const refusals = (
  since: number,
  views: ReadonlyArray<RefusalView>,
): typeof Refusals.Type => ({
  since: timeOf(since),
  results: views.map((view) => ({
    project: view.project ?? null,
    token: view.token ?? null,
    ...refused(view),
  })),
})

/**
 * The log's head, the position of the persons, and their state hash. A lag of `null` says that the log is not the
 * one that the persons were derived from; `stopped` says why the persons stay where they are. `refused` is what this
 * server did not take of the project's events since it started.
 */
export const Status = Schema.Struct({
  project: Project,
  head: At.annotate({ description: "Where the log ends" }),
  checkpoint: At.annotate({ description: "The position of the persons" }),
  lag: Schema.NullOr(Count).annotate({
    description: "How many events the persons are behind; null where it is another log",
  }),
  lag_seconds: Schema.NullOr(Schema.Int.annotate({ examples: [0] })).annotate({
    description: "How old the first of these events is, in seconds",
  }),
  stopped: Schema.NullOr(text("Why the persons stay where they are", "…")).annotate({
    description: "Why the persons stay where they are; null where they follow the log",
  }),
  owner: Schema.NullOr(Schema.Literals(["here", "elsewhere"])).annotate({
    description:
      "Which process derives the persons: the one that answers, or another one, which may have ended; null where none has yet",
    examples: ["here"],
  }),
  state_hash: StateHash,
  log_id: text("Names this log for ever", "9a3d397b-8a0f-4392-8208-5348c5056d9e"),
  token: text("The public token, for capture", "phc_BR4ZlfzJLAe0ZdQr6blJTiN8WRJLKeg8xBpMfheb8yY"),
  rate: Schema.Finite.annotate({
    description: "How many events a second came in the last minute",
    examples: [2.5],
  }),
  waiting: Count.annotate({ description: "How many events wait; at most 10,000 are counted" }),
  oldest_due: Schema.NullOr(Time).annotate({
    description: "When the first of these is due; null where none waits",
  }),
  rebuild: Schema.NullOr(
    Schema.Struct({
      position: At.annotate({ description: "How far it is" }),
      head: At.annotate({ description: "Where the log ends" }),
    }).annotate({ description: "How far a derivation beside the live one is" }),
  ).annotate({ description: "How far a rebuild is; null where none is in the making" }),
  refused: Schema.Array(Refused).annotate({
    description: "What this server refused to take of the project since it started",
  }),
}).annotate({ description: "Where the log and the persons of a project are" })

/** The form of what waits. */
export const waitingNow = (view: {
  readonly count: number
  readonly oldestDue: number | undefined
}): Pick<typeof Status.Type, "waiting" | "oldest_due"> => ({
  waiting: view.count,
  oldest_due: view.oldestDue === undefined ? null : timeOf(view.oldestDue),
})

const ListedProject = Schema.Struct({
  project: Project,
  token: text("The public token, for capture", "phc_BR4ZlfzJLAe0ZdQr6blJTiN8WRJLKeg8xBpMfheb8yY"),
  events: Count,
  first_event_at: Schema.NullOr(Time).annotate({ description: "When the first event came" }),
  last_event_at: Schema.NullOr(Time).annotate({ description: "When the last event came" }),
  has_key: truth("True where a secret key opens it"),
}).annotate({ description: "A project" })

/** All projects, by id: the public token, the number of events, and whether a secret key opens it. */
export const Projects = Schema.Struct({
  results: Schema.Array(ListedProject).annotate({ description: "The projects, by id" }),
}).annotate({ description: "All projects, by id" })

/** The form of a project in the list. */
export const listedProject = (view: {
  readonly id: string
  readonly token: string
  readonly events: number
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
  readonly hasKey: boolean
}): typeof ListedProject.Type => ({
  project: view.id,
  token: view.token,
  events: view.events,
  first_event_at: view.firstAt === undefined ? null : timeOf(view.firstAt),
  last_event_at: view.lastAt === undefined ? null : timeOf(view.lastAt),
  has_key: view.hasKey,
})

const ListedKey = Schema.Struct({
  name: text("The name of a key", "backend"),
  made_at: Time,
  ended_at: Schema.NullOr(Time).annotate({ description: "When it has ended; null while it opens" }),
}).annotate({ description: "A secret key: its name, and not the key" })

/** The public token of a project, and its secret keys by name. */
export const Keys = Schema.Struct({
  project: Project,
  token: text("The public token, for capture", "phc_BR4ZlfzJLAe0ZdQr6blJTiN8WRJLKeg8xBpMfheb8yY"),
  keys: Schema.Array(ListedKey).annotate({ description: "The keys, as they were made" }),
}).annotate({ description: "The public token of a project, and its secret keys by name" })

/** The form of the keys of a project. */
export const keys = (
  { id, token }: { readonly id: string; readonly token: string },
  views: ReadonlyArray<{
    readonly name: string
    readonly madeAt: number
    readonly endedAt: number | undefined
  }>,
): typeof Keys.Type => ({
  project: id,
  token,
  keys: views.map(({ name, madeAt, endedAt }) => ({
    name,
    made_at: timeOf(madeAt),
    ended_at: endedAt === undefined ? null : timeOf(endedAt),
  })),
})

/** The policy of a project, as of a position. */
export const CurrentPolicy = Schema.Struct({
  policy: Policy.annotate({ description: "The rules, field by field" }),
  position: At.annotate({ description: "The position that the answer is as of" }),
}).annotate({ description: "The rules that hold" })

/**
 * The position of the event that an act appended, and the uuid by which a retraction names it. Persons
 * follow; `min_position` waits for them.
 */
export const Act = Schema.Struct({ position: At, event_uuid: EventUuid }).annotate({
  description: "The event that the act appended; `min_position` waits until the persons show it",
})

/** The form of an act. */
export const act = (done: {
  readonly position: number
  readonly uuid: string
}): typeof Act.Type => ({ position: done.position, event_uuid: done.uuid })
