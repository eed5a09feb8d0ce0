import { Schema } from "effect"
import { At, Count, Project, text, Time, truth } from "../forms/Listing.ts"

const Code = text("A code that signs in, once", "uYd3bQF0Tq2mS4nXr6k1Zw")

/** Asks for a session. */
export const SignInBody = Schema.Struct({ code: Code }).annotate({
  description: "The code that stands after # in the link",
})

/** A session: its token goes where a key goes. */
export const Session = Schema.Struct({
  token: text("What is sent as a key is", "ons_…"),
  project: Project,
  read_only: truth("True where it opens questions alone"),
  idle_seconds: Schema.Int.annotate({
    description: "It ends when nothing was asked for so long",
    examples: [43_200],
  }),
}).annotate({ description: "What opens the project until it ends" })

/** Asks for a code for somebody else. */
export const LinkBody = Schema.Struct({
  read_only: truth("True for a link that opens questions alone"),
}).annotate({ description: "What the link opens" })

/** A code for somebody else. */
export const Link = Schema.Struct({
  code: Code,
  path: text("What stands after the address of the server", "/#code=uYd3bQF0Tq2mS4nXr6k1Zw"),
  read_only: truth("True where it opens questions alone"),
}).annotate({ description: "A link that works once" })

/** Asks for the demo. */
export const DemoBody = Schema.Struct({
  ends_at: Schema.optionalKey(
    Time.annotate({ description: "When its last event came; a minute ago by default" }).check(
      Schema.makeFilter((given) =>
        Number.isNaN(Date.parse(given)) ? { path: [], issue: "a time in ISO 8601" } : undefined,
      ),
    ),
  ),
}).annotate({ description: "When its last event came" })

/** What the demo appended. */
export const Demo = Schema.Struct({
  events: Count,
  position: At.annotate({ description: "Where the log ends now" }),
}).annotate({ description: "What the demo appended" })
