import { Data } from "effect"

/** An operation would do nothing, or cannot be done; `field` is its invalid field. */
export class OperationRefused extends Data.TaggedError("OperationRefused")<{
  readonly field: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.field}: expected ${this.expected}`
  }
}
