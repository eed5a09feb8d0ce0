import { Context, Data, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { canonical } from "@onymous/identity/encoding/Json"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import type * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Event, Operation } from "@onymous/identity/event/Event"
import { namedBy } from "@onymous/identity/event/NamedIds"
import { type Position, zero } from "@onymous/identity/event/Position"
import * as Policy from "@onymous/identity/policy/Policy"
import * as ChangedPolicy from "@onymous/identity/policy/ChangedPolicy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Presets from "@onymous/identity/policy/Presets"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { inVain } from "@onymous/identity/rules/OperatorRules"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { Persons } from "@onymous/persons/Persons"
import type { PersonsError } from "@onymous/persons/PersonsError"

/** No person has the distinct id that an operation names. */
export class PersonNotFound extends Data.TaggedError("PersonNotFound")<{
  readonly distinctId: DistinctId
}> {
  override readonly message = `No person has the distinct id ${this.distinctId}.`
}

/** The position of an act's event, and the uuid by which a retraction names it. */
export interface Act {
  readonly position: Position
  readonly uuid: string
}

/** Carries out the acts of operators: each appends an event, and answers its position and uuid. */
export class OperatorActions extends Context.Service<
  OperatorActions,
  {
    /**
     * Undoes the effect of an event, from here on; retracting the retraction restores it (SPEC §8). Of several
     * simultaneous retractions of an event one succeeds, and the others are refused.
     */
    readonly retract: (
      project: ProjectId,
      retraction: RetractionRequest.Retraction,
    ) => Effect.Effect<Act, EventLogError | OperationRefused>
    /**
     * Changes the policy of a project from here on; refuses a change of nothing, and a policy whose
     * fields contradict each other.
     */
    readonly changePolicy: (
      project: ProjectId,
      change: Policy.PolicyChange,
    ) => Effect.Effect<Act, EventLogError | OperationRefused>
    /**
     * Sets fields of the policy of a project without events, or, where it `enforces`, of any project. It appends
     * nothing if the fields hold already; of several simultaneous processes one appends. Answers `others`, and changes
     * nothing, where a project with events has other rules.
     */
    readonly ensurePolicy: (
      project: ProjectId,
      change: Policy.PolicyChange,
      enforces: boolean,
    ) => Effect.Effect<"hold" | "others", EventLogError | OperationRefused>
    /** Appends an operator's act on a person; refuses an act that would change nothing. */
    readonly operate: (
      project: ProjectId,
      operation: Operation,
    ) => Effect.Effect<Act, EventLogError | PersonsError | PersonNotFound | OperationRefused>
  }
>()("@onymous/projector/OperatorActions") {}

const make = Effect.gen(function* () {
  const log = yield* EventLog
  const persons = yield* Persons
  return OperatorActions.of({
    retract: (project, retraction) => retract(log, project, retraction),
    changePolicy: (project, change) => changePolicy(log, project, change),
    ensurePolicy: (project, change, enforces) => ensurePolicy(log, project, change, enforces),
    operate: (project, operation) => operate(log, persons, project, operation),
  })
})

export const layer: Layer.Layer<OperatorActions, never, EventLog | Persons> = Layer.effect(
  OperatorActions,
  make,
)

type Log = EventLog["Service"]

const retractionNames = Uuid.namespace("8d0f4f0c-51a5-4c43-8a52-0b6f2f6f9a3e")

const retract = Effect.fn("OperatorActions.retract")(function* (
  log: Log,
  project: ProjectId,
  { eventUuid, by, reason }: RetractionRequest.Retraction,
) {
  const { logId } = yield* log.head(project)
  while (true) {
    const { event: target, retractions } = yield* Effect.provideService(
      ConeLog.retractable(project, eventUuid),
      EventLog,
      log,
    )
    const { distinctId } = target
    const source = "source" in target ? target.source : undefined
    // Simultaneous retractions of an event have the same uuid, so that the log takes one of them.
    const uuid = Uuid.v5(`${logId} ${target.uuid} ${retractions}`, retractionNames)
    const ids = { distinctId, ...(source && { source }) }
    const event = { _tag: "Retracted" as const, uuid, eventUuid: target.uuid, by, reason, ...ids }
    const payload = JSON.stringify(OperatorCommand.encode(event))
    const { added, position } = yield* log.append(project, [{ event, payload }])
    const act: Act = { position, uuid }
    // If another retraction was first, the next round refuses this one, because the event is undone.
    if (added > 0) return act
  }
})

/** Appends the event of an act. */
const append = Effect.fnUntraced(function* (
  log: Log,
  project: ProjectId,
  event: Event,
  payload: object,
) {
  const appended = yield* log.append(project, [{ event, payload: JSON.stringify(payload) }])
  const act: Act = { position: appended.position, uuid: event.uuid }
  return act
})

/** The policy at the log's head, which the persons may not have reached, and the position of its last change. */
const latestPolicy = Effect.fnUntraced(function* (log: Log, project: ProjectId) {
  const { position: head, logId } = yield* log.head(project)
  const changes = yield* log.readOf({ project, ids: new Set(), until: head })
  const policy = changes.reduce(
    (before, { event }) =>
      event._tag === "PolicyChanged" ? ChangedPolicy.change(before, event.change) : before,
    Presets.page,
  )
  return { policy, head, logId, changedAt: changes.at(-1)?.position ?? zero }
})

const changePolicy = Effect.fn("OperatorActions.changePolicy")(function* (
  log: Log,
  project: ProjectId,
  change: Policy.PolicyChange,
) {
  if (Object.keys(change).length === 0) {
    return yield* new OperationRefused({ field: "policy", expected: "at least one field" })
  }
  const { policy } = yield* latestPolicy(log, project)
  const event = yield* policyChanged(policy, change, randomUUID())
  return yield* append(log, project, event, { policy: change })
})

/** The event of a change; refuses a policy whose fields contradict each other. */
const policyChanged = (before: Policy.Policy, change: Policy.PolicyChange, uuid: string) => {
  const contradiction = PolicyChange.contradictionOf(ChangedPolicy.change(before, change))
  return contradiction
    ? Effect.fail(new OperationRefused(contradiction))
    : Effect.succeed({ _tag: "PolicyChanged" as const, uuid, change })
}

const policies = Uuid.namespace("2f3f0a4e-6c0e-4d0c-9d0b-1c4f0d6a7e55")

const ensurePolicy = Effect.fn("OperatorActions.ensurePolicy")(function* (
  log: Log,
  project: ProjectId,
  change: Policy.PolicyChange,
  enforces: boolean,
) {
  while (true) {
    const { policy, head, logId, changedAt } = yield* latestPolicy(log, project)
    const wanted = ChangedPolicy.change(policy, change)
    if (canonical({ ...wanted }) === canonical({ ...policy })) return "hold"
    if (head > 0 && !enforces) return "others"
    // Simultaneous processes give the change the same uuid, so that the log takes it once; of several first policies
    // that are not enforced, one holds. Clients cannot guess the uuid, because they do not know the log's id.
    const name = enforces ? `after ${changedAt}: ${canonical({ ...change })}` : "first"
    const event = yield* policyChanged(policy, change, Uuid.v5(`${logId} ${name}`, policies))
    const payload = JSON.stringify({ policy: change })
    // If another process was first, the next round reads the policy that it set.
    if ((yield* log.append(project, [{ event, payload }])).added > 0) return "hold"
  }
})

const operate = Effect.fn("OperatorActions.operate")(function* (
  log: Log,
  persons: Persons["Service"],
  project: ProjectId,
  event: Operation,
) {
  const named = yield* Effect.forEach(namedBy(event), (distinctId) =>
    Effect.flatMap(persons.find(project, distinctId), (person) =>
      person === undefined
        ? Effect.fail(new PersonNotFound({ distinctId }))
        : Effect.succeed(person),
    ),
  )
  const refusal = inVain(event, named)
  if (refusal) return yield* new OperationRefused(refusal)
  return yield* append(log, project, event, OperatorCommand.encode(event))
})
