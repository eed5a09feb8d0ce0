/** Why a value is not an event: the field, and what was expected there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}
