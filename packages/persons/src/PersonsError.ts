import { Data } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { causeText } from "@onymous/database/ErrorText"

/** Why a question to the read model failed. */
export type PersonsReason =
  /** Another projector has taken over: nothing was written. */
  | { readonly _tag: "Fenced"; readonly project: ProjectId }
  /** Another rebuild of the project is running. */
  | { readonly _tag: "BeingMade"; readonly project: ProjectId }
  /** Somebody ended the rebuild of the project. */
  | { readonly _tag: "Ended"; readonly project: ProjectId }
  | { readonly _tag: "InvalidCursor"; readonly cursor: string }
  | { readonly _tag: "Unavailable"; readonly cause: unknown }
  /** The project's projector stands still until the cause is mended; other projects are not affected. */
  | { readonly _tag: "Stopped"; readonly project: ProjectId; readonly cause: unknown }

/** The one error of the read model. */
export class PersonsError extends Data.TaggedError("PersonsError")<{
  readonly reason: PersonsReason
}> {
  /** True where the same call may succeed later by itself. */
  get isRetryable(): boolean {
    return this.reason._tag === "Unavailable"
  }

  override get message(): string {
    switch (this.reason._tag) {
      case "Fenced":
        return `Another projector owns project ${this.reason.project}.`
      case "BeingMade":
        return `Another rebuild of project ${this.reason.project} is on its way.`
      case "Ended":
        return `The rebuild of project ${this.reason.project} was ended.`
      case "InvalidCursor":
        return "cursor: expected the value of `next` of an earlier page."
      case "Unavailable":
        return `The read model is unavailable: ${causeText(this.reason.cause)}`
      case "Stopped":
        return `The persons of project ${this.reason.project} are not kept up to date: ${causeText(this.reason.cause)}`
    }
  }
}
