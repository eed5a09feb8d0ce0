import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as EventForms from "./forms/EventForms.ts"
import * as ChangeForms from "./forms/ChangeForms.ts"
import * as PastBodies from "./bodies/PastBodies.ts"
import * as WhyForms from "./forms/WhyForms.ts"
import { InvalidQuestion, NotReached, TooLong, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"
import { described } from "./Described.ts"
import * as Parameters from "./Parameters.ts"

const shared = {
  params: Parameters.params,
  error: [InvalidQuestion, NotReached, TooLong, Unavailable],
} as const

const a = Parameters.id("A distinct id", "alice")
const b = Parameters.id("Another distinct id", "alice-phone")
const ofId = { distinct_id: Parameters.id("A distinct id", "alice") }

/**
 * Questions about a project's past, with its secret key: why, what changed, since when, and what
 * if. The answers name the events behind them, and write nothing.
 */
export class PastApi extends HttpApiGroup.make("past")
  .add(
    HttpApiEndpoint.get("why", "/why", {
      ...shared,
      success: WhyForms.Why,
      query: Parameters.of({ a, b, ...Parameters.asOf }),
    }).annotateMerge(described("Why two distinct ids are one person, or what kept them apart.")),
    HttpApiEndpoint.get("undo", "/why/undo", {
      ...shared,
      success: WhyForms.Undo,
      query: Parameters.of({ a, b, ...Parameters.asOf }),
    }).annotateMerge(described("The events each of which, left out alone, separates a from b.")),
    HttpApiEndpoint.get("culprits", "/why/culprits", {
      ...shared,
      success: WhyForms.Culprits,
      query: Parameters.of({ a, ...Parameters.asOf }),
    }).annotateMerge(
      described("The links whose loss would split the person of a: what leaves large parts first."),
    ),
    HttpApiEndpoint.get("property", "/why/property", {
      ...shared,
      success: WhyForms.Settings,
      query: Parameters.of({
        a,
        property: Parameters.text("The name of a property", "plan"),
        ...Parameters.asOf,
      }),
    }).annotateMerge(
      described("The events that set a property of the person of a, the last one first."),
    ),
    HttpApiEndpoint.get("trace", "/trace", {
      ...shared,
      success: ChangeForms.Trace,
      query: Parameters.of({ event: Parameters.point("The event", "3") }),
    }).annotateMerge(described("What the rules made of an event, check by check.")),
    HttpApiEndpoint.get("history", "/history", {
      ...shared,
      success: ChangeForms.History,
      query: Parameters.of({ ...ofId, ...Parameters.asOf }),
    }).annotateMerge(described("Every change of the person of an id, each with its cause.")),
    HttpApiEndpoint.get("firstNamed", "/first-named", {
      ...shared,
      success: ChangeForms.FirstNamed,
      query: Parameters.of(ofId),
    }).annotateMerge(
      described("Where an event named an id first; null for an id that no event ever named."),
    ),
    HttpApiEndpoint.get("operations", "/operations", {
      ...shared,
      success: EventForms.Acts,
      query: Parameters.of({ ...Parameters.paging, ...Parameters.asOf }),
    }).annotateMerge(
      described(
        "What operators did, newest first: who, why, on whom, and the uuid that undoes it.",
      ),
    ),
    HttpApiEndpoint.get("diff", "/diff", {
      ...shared,
      success: ChangeForms.Difference,
      query: Parameters.of({
        from: Parameters.point("From here", "0"),
        to: Schema.optional(Parameters.point("To here; to now where there is none", "3")),
        ...Parameters.ofPerson,
      }),
    }).annotateMerge(
      described("What changed between two points, person by person, or for that of an id."),
    ),
    HttpApiEndpoint.get("bisect", "/bisect", {
      ...shared,
      success: ChangeForms.Bisect,
      query: Parameters.of({
        condition: Parameters.text("The condition", "same alice alice-phone"),
      }),
    }).annotateMerge(
      described(
        "The first position at which this was true: same A B, property A KEY = JSON, ids A > N, persons > N, warnings TYPE > N. An id with spaces stands in double quotes.",
      ),
    ),
    HttpApiEndpoint.post("whatIf", "/what-if", {
      ...shared,
      success: ChangeForms.WhatIf,
      query: Parameters.none,
      payload: PastBodies.WhatIf,
    }).annotateMerge(
      described(
        "What would be different without some events, with others added, or under other rules: {without?: [uuid], insert?: [event], policy?: {field: value}, from?: point}. Nothing is written.",
        { without: ["00000000-0000-4000-8000-000000000003"], policy: { buffer_enabled: false } },
      ),
    ),
    HttpApiEndpoint.post("previewRetraction", "/retractions/preview", {
      ...shared,
      success: ChangeForms.Difference,
      query: Parameters.none,
      payload: PastBodies.RetractionPreview,
    }).annotateMerge(
      described("What the retraction of an event would change: {event_uuid}. Nothing is written.", {
        event_uuid: "00000000-0000-4000-8000-000000000003",
      }),
    ),
    HttpApiEndpoint.get("verify", "/verify", {
      ...shared,
      success: ChangeForms.Verification,
      query: Parameters.of({
        from: Schema.optional(Parameters.point("Compares the hashes from here on", "0")),
        deep: Parameters.flag("Compares every row of every table"),
      }),
    }).annotateMerge(
      described(
        "Looks at the seals of the log, replays everything and compares it with what is stored: hashes along the way from `from` on; with `deep` every row of every table.",
      ),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Past", description: "What was true, why, and what if" }),
  ) {}
