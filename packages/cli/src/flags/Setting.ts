import { Config, Effect } from "effect"
import { Flag } from "effect/cli"
import { WrongUse } from "../CommandError.ts"

/** The value of a setting, and the flag or variable that gave it. */
export interface Setting {
  readonly text: string
  readonly from: string
}

const fallback = (variable: string) =>
  Config.map(Config.String(variable), (text): Setting => ({ text, from: variable }))

const isFlag = ({ from }: Setting): boolean => from.startsWith("--")

/** A flag, with the variable that gives its value where the flag is absent. */
export const setting = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} (also ${variable})`),
    Flag.map((text): Setting => ({ text, from: `--${name}` })),
    Flag.withFallbackConfig(fallback(variable)),
    Flag.optional,
  )

/** The same for a whole number, which `numberOf` reads. */
export const numberSetting = (name: string, variable: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`${description} (also ${variable})`),
    Flag.map((value): Setting => ({ text: `${value}`, from: `--${name}` })),
    Flag.withFallbackConfig(fallback(variable)),
    Flag.optional,
  )

/** The refusal of a setting by the flag or variable that gave it. */
export const refusal = ({ from }: Pick<Setting, "from">, expected: string): WrongUse =>
  new WrongUse({ message: `${from}: expected ${expected}` })

/** The whole number of a setting, or a wrong use. */
export const numberOf = (
  given: Setting,
  least: number,
  most: number,
): Effect.Effect<number, WrongUse> => {
  const value = /^\s*\d{1,15}\s*$/.test(given.text) ? Number(given.text) : Number.NaN
  return value >= least && value <= most
    ? Effect.succeed(value)
    : refusal(given, `a whole number from ${least} to ${most}, not ${JSON.stringify(given.text)}`)
}

/** The one of exclusive settings that counts: a flag wins over a variable. */
export const oneOf = (
  given: ReadonlyArray<Setting>,
): Effect.Effect<Setting | undefined, WrongUse> => {
  const typed = given.filter(isFlag)
  const candidates = typed.length > 0 ? typed : given
  return candidates.length > 1
    ? refusal({ from: candidates.map(({ from }) => from).join(" or ") }, "one of them")
    : Effect.succeed(candidates[0])
}
