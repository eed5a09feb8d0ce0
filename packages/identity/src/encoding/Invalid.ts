import { Result } from "effect"

/** Why a value is not what it should be: the field, and what was expected there. */
export interface Invalid {
  readonly field: string
  readonly expected: string
}

/** Refuses a field. */
export const invalid = (field: string, expected: string): Result.Result<never, Invalid> =>
  Result.fail({ field, expected })
