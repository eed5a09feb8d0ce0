import { Argument, Flag } from "effect/cli"

const isId = (text: string): boolean => text !== ""

const expected = () => "a distinct id"

/** An argument with a distinct id; nobody is called by the empty text. */
export const idArgument = (name: string, description: string) =>
  Argument.String(name).pipe(Argument.filter(isId, expected), Argument.withDescription(description))

/** A flag with a distinct id, or without one. */
export const idFlag = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.filter(isId, expected),
    Flag.withDescription(description),
    Flag.optional,
  )
